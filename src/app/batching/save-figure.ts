// A drawing of the page as a file: SVG with its colours written out, or PNG at twice its size.

import { announce, download } from '../ui/index.ts';

const copied = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'font-family',
  'font-size',
  'font-weight',
  'opacity',
];

const SVG = 'http://www.w3.org/2000/svg';
/** Height of a line of the legend. */
const LINE = 18;

interface Picture {
  readonly text: string;
  readonly width: number;
  readonly height: number;
}

/** The SVG as it looks now, free of the page's style sheets, with its legend and whose figures it shows below. */
function standalone(svg: SVGSVGElement, titles: readonly string[], source: string): Picture {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const from = [svg, ...svg.querySelectorAll<SVGElement>('*')];
  const to = [copy, ...copy.querySelectorAll<SVGElement>('*')];
  from.forEach((element, i) => {
    const style = getComputedStyle(element);
    for (const name of copied) to[i]?.style.setProperty(name, style.getPropertyValue(name));
    to[i]?.removeAttribute('class');
  });
  const { clientWidth: width, clientHeight } = svg;
  const height = clientHeight + (titles.length + 1) * LINE;
  const { color } = getComputedStyle(svg);
  const write = (text: string, x: number, y: number): void => {
    const element = document.createElementNS(SVG, 'text');
    element.textContent = text;
    element.setAttribute('style', `fill: ${color}; font: 12px system-ui, sans-serif`);
    place(element, { x, y });
    copy.append(element);
  };
  const lines = svg.querySelectorAll<SVGPathElement>('path.line');
  titles.forEach((title, i) => {
    const y = clientHeight + i * LINE + 8;
    const line = document.createElementNS(SVG, 'line');
    const { stroke, strokeDasharray, strokeWidth } = getComputedStyle(lines[i] ?? svg);
    line.setAttribute(
      'style',
      `stroke: ${stroke}; stroke-dasharray: ${strokeDasharray}; stroke-width: ${strokeWidth}`,
    );
    place(line, { x1: 8, x2: 38, y1: y, y2: y });
    copy.append(line);
    write(title, 46, y + 4);
  });
  write(source, 8, height - 6);
  place(copy, { width, height });
  copy.setAttribute('xmlns', SVG);
  copy.style.background = getComputedStyle(document.body).getPropertyValue('background-color');
  return { text: `${copy.outerHTML}\n`, width, height };
}

function place(element: Element, numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) element.setAttribute(name, String(value));
}

/** Beyond these pixels of a side, and in all, browsers give a canvas that stays empty. */
const [SIDE, AREA] = [16_384, 2 ** 28];

/** Twice the size of the picture, or as much as a canvas holds. */
export const pngScale = (width: number, height: number): number =>
  Math.min(2, SIDE / Math.max(width, height), Math.sqrt(AREA / (width * height)));

/** Draws SVG text into a PNG; false when the browser has no room for it. */
async function savePng(name: string, svg: string, width: number, height: number): Promise<boolean> {
  const scale = pngScale(width, height);
  const [wide, high] = [Math.floor(width * scale), Math.floor(height * scale)];
  const image = new Image(wide, high);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = wide;
  canvas.height = high;
  canvas.getContext('2d')?.drawImage(image, 0, 0, wide, high);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
  if (blob) download(`${name}.png`, blob, 'image/png');
  return blob !== null;
}

/** Saves a picture as it was asked for. */
export async function savePicture(name: string, picture: Picture, how: 'svg' | 'png'): Promise<void> {
  const { text, width, height } = picture;
  if (how === 'svg') download(`${name}.svg`, text, 'image/svg+xml');
  else if (!(await savePng(name, text, width, height).catch(() => false))) {
    announce(`${name}.png is too large for this browser: save the SVG.`);
    return;
  }
  announce(`Saved ${name}.${how}.`);
}

/** Saves the chart of the figure that the button stands in, with what its lines are called and whose figures they are. */
export async function saveFigure(
  button: Element,
  name: string,
  how: 'svg' | 'png',
  titles: readonly string[],
  source: string,
): Promise<void> {
  const svg = button.closest('figure')?.querySelector<SVGSVGElement>('svg.chart');
  if (svg) await savePicture(name, standalone(svg, titles, source), how);
}
