// The words of the corpus: people, places, things. Few enough that a small vocabulary holds most of them whole.

export interface Person {
  readonly name: string;
  readonly they: 'she' | 'he';
  readonly them: 'her' | 'him';
  readonly their: 'her' | 'his';
  readonly child: 'girl' | 'boy';
}

const girl = (name: string): Person => ({ name, they: 'she', them: 'her', their: 'her', child: 'girl' });
const boy = (name: string): Person => ({ name, they: 'he', them: 'him', their: 'his', child: 'boy' });

export const people: readonly Person[] = [
  ...'Mia Anna Lily Rosa Ella Nora Ruth Clara Ida Eva Lucy Maya Zoe Jane Alice Emma Sara Kate Tess Vera'
    .split(' ')
    .map(girl),
  ...'Ben Tom Leo Max Sam Finn Hugo Paul Oscar Jack Noah Felix Adam Luke Mark Peter Henry Carl Ivan Theo'
    .split(' ')
    .map(boy),
];

/** Each is used after "the". */
export const places: readonly string[] =
  'park hill river mill market garden library forest beach school barn bridge lake castle station harbor meadow bakery tower farm cave square'.split(
    ' ',
  );

/** Things that can be carried, lost and given. */
export const things: readonly string[] =
  'kite ball book lamp key hat drum boat doll bell coin cup flute map shell scarf ring clock basket whistle puppet train button feather blanket mirror'.split(
    ' ',
  );

export const colors: readonly string[] = 'red blue green yellow white black brown pink purple gray'.split(
  ' ',
);

/** Plural, liked and eaten. */
export const foods: readonly string[] =
  'apples plums cherries carrots nuts pears grapes beans figs lemons peaches berries onions olives tomatoes potatoes'.split(
    ' ',
  );

export const animals: readonly string[] =
  'cat dog rabbit duck fox owl goat mouse frog horse turtle sheep squirrel bird'.split(' ');

export const relatives: readonly string[] = 'mother father grandmother grandfather aunt uncle'.split(' ');

export const feelings: readonly string[] = 'happy proud glad calm cheerful thankful'.split(' ');

/** Numbers as words, for stories; the tasks write digits. */
export const numbers: readonly string[] = 'zero one two three four five six seven eight nine'.split(' ');

/** Words without a tie to each other, for copying and lists; animals are the filler's. */
export const plain: readonly string[] = [...things, ...places, ...foods, ...colors];
