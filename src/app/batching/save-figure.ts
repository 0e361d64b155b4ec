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

/** The SVG as it looks now, free of the page's style sheets. */
function standalone(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const from = [svg, ...svg.querySelectorAll<SVGElement>('*')];
  const to = [copy, ...copy.querySelectorAll<SVGElement>('*')];
  from.forEach((element, i) => {
    const style = getComputedStyle(element);
    for (const name of copied) to[i]?.style.setProperty(name, style.getPropertyValue(name));
    to[i]?.removeAttribute('class');
  });
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.style.background = getComputedStyle(document.body).getPropertyValue('background-color');
  return `${copy.outerHTML}\n`;
}

/** Draws SVG text into a PNG at twice its size and saves it. */
export async function savePng(name: string, svg: string, width: number, height: number): Promise<void> {
  const image = new Image(width * 2, height * 2);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = width * 2;
  canvas.height = height * 2;
  canvas.getContext('2d')?.drawImage(image, 0, 0, width * 2, height * 2);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
  if (blob) download(`${name}.png`, blob, 'image/png');
}

export async function saveFigure(button: Element, name: string, how: 'svg' | 'png'): Promise<void> {
  const svg = button.closest('figure')?.querySelector<SVGSVGElement>('svg.chart');
  if (!svg) return;
  const text = standalone(svg);
  if (how === 'svg') download(`${name}.svg`, text, 'image/svg+xml');
  else await savePng(name, text, svg.clientWidth, svg.clientHeight);
  announce(`Saved ${name}.${how}.`);
}
