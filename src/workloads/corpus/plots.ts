// The plots of the stories. Each keeps its people, things and places to the end; what happens early (who gave
// the kite, what color it was) is needed later to go on.

import { type Prng, pickSome } from '../../core/prng.ts';
import { article, capital, drawFact, type Part, pick } from './random.ts';
import {
  animals,
  colors,
  feelings,
  foods,
  numbers,
  type Person,
  people,
  places,
  relatives,
  things,
} from './words.ts';

/** What a story is about; drawn so that hero, thing and place are of the wanted part. */
export interface Cast {
  readonly hero: Person;
  readonly friend: Person;
  readonly thing: string;
  readonly color: string;
  readonly place: string;
  readonly other: string;
  readonly third: string;
  readonly relative: string;
  readonly food: string;
  readonly animal: string;
  readonly feeling: string;
}

export function drawCast(random: Prng, part: Part): Cast {
  return drawFact(
    part,
    () => {
      const [hero, friend] = pickSome(random, people, 2);
      const [place, other, third] = pickSome(random, places, 3);
      if (!hero || !friend || !place || !other || !third)
        throw new Error('drawCast: too few people or places.');
      return {
        hero,
        friend,
        place,
        other,
        third,
        thing: pick(random, things),
        color: pick(random, colors),
        relative: pick(random, relatives),
        food: pick(random, foods),
        animal: pick(random, animals),
        feeling: pick(random, feelings),
      };
    },
    (c) => ['story', c.hero.name, c.thing, c.place],
  );
}

export interface Told {
  readonly paragraphs: readonly (readonly string[])[];
  /** What the story answers: pairs of question and answer. */
  readonly asked: readonly (readonly [question: string, answer: string])[];
}

export type Plot = (random: Prng, cast: Cast) => Told;

const opening = (random: Prng, { hero, place }: Cast): string =>
  pick(random, [
    `Once upon a time there was a ${hero.child} named ${hero.name}. ${capital(hero.they)} lived near the ${place}.`,
    `There was once a ${hero.child} called ${hero.name}, who lived near the ${place}.`,
    `${hero.name} was a little ${hero.child} who lived in a small house near the ${place}.`,
  ]);

const day = (random: Prng): string =>
  pick(random, [
    'One day the sun was shining.',
    'One morning the sky was clear and blue.',
    'One day it was warm and bright.',
    'One morning there was a soft wind.',
  ]);

const ending = (random: Prng, { hero, friend, feeling }: Cast): string =>
  pick(random, [
    `That night ${hero.name} went to bed and felt very ${feeling}.`,
    `${hero.name} and ${friend.name} were ${feeling}, and they stayed friends.`,
    `From that day on, ${hero.name} and ${friend.name} played together every day.`,
    `${capital(hero.they)} told the story to ${hero.their} family, and everybody was ${feeling}.`,
  ]);

const lost: Plot = (random, c) => {
  const { hero, friend, thing, color, place, other, third, relative } = c;
  const inside = pick(random, [
    'under a bench',
    'behind a big stone',
    'in the tall grass',
    'between two trees',
    'next to a wall',
  ]);
  return {
    paragraphs: [
      [
        opening(random, c),
        `${capital(hero.their)} ${relative} gave ${hero.them} ${article(color)} ${thing}.`,
        pick(random, [
          `${hero.name} loved the ${thing} very much.`,
          `It was the best ${thing} that ${hero.name} had ever seen.`,
        ]),
      ],
      [
        day(random),
        `${hero.name} took the ${color} ${thing} and went to the ${other}.`,
        pick(random, [
          `${capital(hero.they)} played there all day.`,
          `${capital(hero.they)} ran and laughed until it was late.`,
        ]),
        `But when ${hero.they} came home, the ${thing} was gone!`,
        pick(random, [`${hero.name} began to cry.`, `${hero.name} was very sad.`]),
      ],
      [
        `"What is wrong?" asked ${hero.their} friend ${friend.name}.`,
        `"I lost my ${color} ${thing}," said ${hero.name}. "My ${relative} gave it to me."`,
        `"Do not worry," said ${friend.name}. "I will help you to find it."`,
      ],
      [
        `First they looked at the ${third}, but the ${thing} was not there.`,
        `Then they went back to the ${other}.`,
        `${friend.name} looked ${inside}.`,
        `"Here it is!" ${friend.they} said. "I found the ${color} ${thing}!"`,
      ],
      [
        `${hero.name} took the ${thing} and smiled.`,
        `"Thank you, ${friend.name}," ${hero.they} said.`,
        pick(random, [
          `They walked home to the house near the ${place}.`,
          `Together they went home to the ${place}.`,
        ]),
        ending(random, c),
      ],
    ],
    asked: [
      [`Who lost the ${thing}?`, hero.name],
      [`Who found the ${thing}?`, friend.name],
      [`What color was the ${thing}?`, color],
      [`Who gave the ${thing} to ${hero.name}?`, `the ${relative}`],
      [`Where was the ${thing}?`, inside],
    ],
  };
};

const gift: Plot = (random, c) => {
  const { hero, friend, thing, color, other, relative, food } = c;
  const days = pick(random, numbers.slice(2, 7));
  return {
    paragraphs: [
      [
        opening(random, c),
        `${capital(hero.their)} best friend was ${friend.name}.`,
        `In ${days} days it was the birthday of ${friend.name}.`,
      ],
      [
        `"What can I give to ${friend.name}?" ${hero.name} asked ${hero.their} ${relative}.`,
        `"What does ${friend.they} like?" asked the ${relative}.`,
        `"${capital(friend.they)} likes the color ${color}," said ${hero.name}.`,
      ],
      [
        `So they went to the ${other} and looked for something ${color}.`,
        pick(random, [
          `There were many things, but ${hero.name} saw ${article(color)} ${thing} at once.`,
          `At last ${hero.name} found ${article(color)} ${thing}.`,
        ]),
        `"This is it!" ${hero.they} said.`,
        `${hero.name} kept the ${thing} in a box, and it was a secret for ${days} days.`,
      ],
      [
        `Then the day came. There was cake, and there were ${food}.`,
        `${friend.name} opened the box.`,
        `"A ${thing}!" ${friend.they} said. "And it is ${color}! How did you know?"`,
        `"You are my friend," said ${hero.name}.`,
      ],
      [ending(random, c)],
    ],
    asked: [
      [`Who had a birthday?`, friend.name],
      [`What did ${friend.name} get?`, `${article(color)} ${thing}`],
      [`Where did ${hero.name} find the ${thing}?`, `at the ${other}`],
      [`How many days was it a secret?`, days],
    ],
  };
};

const sharing: Plot = (random, c) => {
  const { hero, friend, thing, color, other, relative } = c;
  return {
    paragraphs: [
      [
        opening(random, c),
        `One day ${hero.name} and ${friend.name} were at the ${other}.`,
        `There they saw ${article(color)} ${thing}.`,
      ],
      [
        `"It is mine!" said ${hero.name}. "I saw it first."`,
        `"No, it is mine!" said ${friend.name}.`,
        `They both pulled at the ${thing}, and they were angry.`,
      ],
      [
        `The ${relative} of ${friend.name} heard them and came.`,
        pick(random, [
          `"If you pull, the ${thing} will break," said the ${relative}. "Why do you not share it?"`,
          `"You can both have it," said the ${relative}. "One of you today, the other tomorrow."`,
        ]),
        `${hero.name} looked at ${friend.name}. "You can have it first," ${hero.they} said.`,
      ],
      [
        `${friend.name} played with the ${color} ${thing}, and then ${friend.they} gave it to ${hero.name}.`,
        pick(random, ['It was more fun together than alone.', 'Both of them laughed, and nobody was angry.']),
        ending(random, c),
      ],
    ],
    asked: [
      [`What did they both want?`, `${article(color)} ${thing}`],
      [`Who had the ${thing} first?`, friend.name],
      [`Where were they?`, `at the ${other}`],
      [`Who came to them?`, `the ${relative} of ${friend.name}`],
    ],
  };
};

const animal: Plot = (random, c) => {
  const { hero, friend, animal, other, food } = c;
  const color = pick(random, ['brown', 'black', 'white', 'gray']);
  const hurt = pick(random, [
    'was very hungry',
    'had hurt its leg',
    'was cold and wet',
    'had lost its mother',
  ]);
  const help: Readonly<Record<string, string>> = {
    'was very hungry': `${hero.name} gave it some ${food}, and the ${animal} ate them all.`,
    'had hurt its leg': `${hero.name} put a clean cloth around the leg.`,
    'was cold and wet': `${hero.name} put it in a warm blanket until it was dry.`,
    'had lost its mother': `${hero.name} sat with it and waited for its mother.`,
  };
  return {
    paragraphs: [
      [
        opening(random, c),
        day(random),
        `${hero.name} walked to the ${other} with ${hero.their} friend ${friend.name}.`,
      ],
      [
        `Near the ${other} they heard a small sound.`,
        `It was a little ${color} ${animal}.`,
        `The ${animal} ${hurt}.`,
        `"Poor ${animal}!" said ${friend.name}. "We must help it."`,
      ],
      [
        help[hurt] ?? '',
        `${friend.name} spoke to it softly.`,
        pick(random, [
          `Soon the ${animal} was not afraid any more.`,
          `After a while the ${animal} felt better.`,
        ]),
      ],
      [
        pick(random, [
          `The next day the little ${color} ${animal} was at the door of ${hero.name}.`,
          `When they went home, the ${color} ${animal} came with them.`,
        ]),
        `"It wants to stay with us," said ${hero.name}.`,
        ending(random, c),
      ],
    ],
    asked: [
      [`What did they find?`, `${article(color)} ${animal}`],
      [`Where did they find the ${animal}?`, `near the ${other}`],
      [`Who helped the ${animal}?`, `${hero.name} and ${friend.name}`],
    ],
  };
};

const storm: Plot = (random, c) => {
  const { hero, friend, thing, color, place, other, third } = c;
  return {
    paragraphs: [
      [
        opening(random, c),
        `One day ${hero.name} and ${friend.name} wanted to go to the ${other}.`,
        `${hero.name} took ${hero.their} ${color} ${thing} along.`,
      ],
      [
        `On the way the sky became dark, and it began to rain.`,
        pick(random, ['The wind was loud, and the trees moved.', 'There was thunder, and they were afraid.']),
        `"We must find a dry place," said ${friend.name}.`,
      ],
      [
        `They ran to the ${third} and waited there.`,
        `${friend.name} was afraid of the storm, so ${hero.name} gave ${friend.them} the ${color} ${thing} to hold.`,
        `"Hold my ${thing}," said ${hero.name}. "Then you will not be afraid."`,
      ],
      [
        'After some time the rain stopped, and the sun came back.',
        `"Look!" said ${friend.name}. "There is a rainbow over the ${place}!"`,
        `${capital(friend.they)} gave the ${thing} back to ${hero.name}, and they went on to the ${other}.`,
        ending(random, c),
      ],
    ],
    asked: [
      [`Where did they want to go?`, `to the ${other}`],
      [`Where did they wait?`, `at the ${third}`],
      [`Who was afraid of the storm?`, friend.name],
      [`What did ${friend.name} hold?`, `${article(color)} ${thing}`],
    ],
  };
};

const baking: Plot = (random, c) => {
  const { hero, friend, relative, food, other, color, thing } = c;
  const missing = pick(random, ['flour', 'sugar', 'milk', 'butter', 'honey']);
  return {
    paragraphs: [
      [
        opening(random, c),
        `One day ${hero.their} ${relative} said, "Let us make a cake with ${food}."`,
        `${hero.name} was glad, because ${hero.they} liked ${food}.`,
      ],
      [
        `They looked in the kitchen. There were ${food}, but there was no ${missing}.`,
        `"Please go and ask for some ${missing}," said the ${relative}.`,
        `${hero.name} took ${article(color)} ${thing === 'basket' ? 'basket' : 'bag'} and went to the ${other}.`,
      ],
      [
        `At the ${other} ${hero.they} met ${friend.name}.`,
        `"We need ${missing} for our cake," said ${hero.name}.`,
        `"I have some at home," said ${friend.name}. "You can have it."`,
      ],
      [
        `They put the ${missing} into the ${color} ${thing === 'basket' ? 'basket' : 'bag'} and went back together.`,
        `The ${relative} made the cake with ${missing} and ${food}, and soon the whole house smelled good.`,
        `"The first piece is for ${friend.name}," said ${hero.name}, "because ${friend.they} gave us the ${missing}."`,
        ending(random, c),
      ],
    ],
    asked: [
      [`What was missing?`, missing],
      [`Who had some ${missing}?`, friend.name],
      [`What was in the cake?`, `${missing} and ${food}`],
      [`Where did ${hero.name} meet ${friend.name}?`, `at the ${other}`],
    ],
  };
};

const race: Plot = (random, c) => {
  const { hero, friend, place, other, third } = c;
  return {
    paragraphs: [
      [
        opening(random, c),
        `${capital(hero.they)} could run very fast, and so could ${hero.their} friend ${friend.name}.`,
        `"Let us race from the ${other} to the ${third}," said ${friend.name}.`,
      ],
      [
        'One, two, three, and they ran!',
        pick(random, [
          `First ${hero.name} was ahead, then ${friend.name}.`,
          `${friend.name} was a little ahead.`,
        ]),
        `But near the ${third}, ${friend.name} fell and hurt ${friend.their} knee.`,
      ],
      [
        `${hero.name} saw it and stopped.`,
        pick(random, [
          `"Run on!" said ${friend.name}. "You can win!"`,
          `"Why do you stop?" asked ${friend.name}. "You are ahead!"`,
        ]),
        `"You are more important than the race," said ${hero.name}.`,
      ],
      [
        `${capital(hero.they)} took the hand of ${friend.name}, and they walked to the ${third} together.`,
        `"Now we are both first," said ${friend.name}.`,
        `Slowly they went home to the ${place}.`,
        ending(random, c),
      ],
    ],
    asked: [
      [`Who fell?`, friend.name],
      [`Who stopped to help?`, hero.name],
      [`Where did the race start?`, `at the ${other}`],
      [`Where did the race end?`, `at the ${third}`],
    ],
  };
};

const garden: Plot = (random, c) => {
  const { hero, friend, relative, food, color, place } = c;
  const weeks = pick(random, numbers.slice(2, 8));
  return {
    paragraphs: [
      [
        opening(random, c),
        `${capital(hero.their)} ${relative} gave ${hero.them} ${weeks} small seeds.`,
        `"If you water them every day, there will be ${food}," said the ${relative}.`,
      ],
      [
        `${hero.name} put the ${weeks} seeds into the ground behind the house.`,
        `Every morning ${hero.they} came with water in ${article(color)} cup.`,
        'But nothing happened for many days.',
      ],
      [
        `"Maybe they are asleep," said ${hero.their} friend ${friend.name}.`,
        `"I will wait," said ${hero.name}, and filled the ${color} cup again.`,
        pick(random, [
          'Then, one morning, there was something green.',
          'After the next rain, small green leaves came out.',
        ]),
      ],
      [
        `The plants grew and grew, until there were ${food} on all ${weeks} of them.`,
        `"Your ${relative} was right," said ${friend.name}. "Look at all the ${food}!"`,
        `They ate some of them and gave the others to the people near the ${place}.`,
        ending(random, c),
      ],
    ],
    asked: [
      [`How many seeds did ${hero.name} get?`, weeks],
      [`Who gave the seeds to ${hero.name}?`, `the ${relative}`],
      [`What grew in the garden?`, food],
      [`What color was the cup?`, color],
    ],
  };
};

const newcomer: Plot = (random, c) => {
  const { hero, friend, thing, color, place, other, relative } = c;
  return {
    paragraphs: [
      [
        `${friend.name} was new in the town and knew nobody.`,
        `${capital(friend.they)} sat alone at the ${other} with ${article(color)} ${thing}.`,
        `"How can I find a friend?" ${friend.they} thought.`,
      ],
      [
        `Then ${article(hero.child)} came from the ${place}. "I am ${hero.name}," said the ${hero.child}. "What is that?"`,
        `"It is my ${thing}," said ${friend.name}. "My ${relative} made it for me."`,
        `"I like it, because it is ${color}," said ${hero.name}. "May I see it?"`,
      ],
      [
        `${friend.name} gave the ${thing} to ${hero.name}, and they began to play.`,
        pick(random, ['They played until the sun went down.', 'They forgot the time, and it became late.']),
        `"Will you come again tomorrow?" asked ${friend.name}.`,
        `"Yes," said ${hero.name}. "And bring the ${color} ${thing}!"`,
      ],
      [
        `${friend.name} went home and told ${friend.their} ${relative} about ${hero.name}.`,
        ending(random, c),
      ],
    ],
    asked: [
      [`Who was new in the town?`, friend.name],
      [`What did ${friend.name} have?`, `${article(color)} ${thing}`],
      [`Who made the ${thing}?`, `the ${relative}`],
      [`Who came from the ${place}?`, hero.name],
    ],
  };
};

const map: Plot = (random, c) => {
  const { hero, friend, thing, color, place, other, third, feeling } = c;
  const steps = pick(random, numbers.slice(3, 10));
  return {
    paragraphs: [
      [
        opening(random, c),
        `One day ${hero.name} found an old map in a book.`,
        `"Look, ${friend.name}!" ${hero.they} said. "It shows the way to a treasure."`,
      ],
      [
        `The map said, "Start at the ${other}. Then go to the ${third}. Take ${steps} steps and dig."`,
        `So they went to the ${other} first.`,
        `From there they walked to the ${third}.`,
        `${friend.name} took ${steps} steps, and ${hero.name} began to dig.`,
      ],
      [
        'Soon they found a small box.',
        `In the box there was ${article(color)} ${thing}, and a letter.`,
        `The letter said, "Whoever finds this ${thing} will always be ${feeling}."`,
      ],
      [
        `"It is not gold," said ${friend.name}, "but I like it."`,
        `"We found it together, so the ${color} ${thing} is for both of us," said ${hero.name}.`,
        `They took it home to the ${place}.`,
        ending(random, c),
      ],
    ],
    asked: [
      [`Where did they start?`, `at the ${other}`],
      [`Where did they dig?`, `at the ${third}`],
      [`How many steps did ${friend.name} take?`, steps],
      [`What was in the box?`, `${article(color)} ${thing} and a letter`],
    ],
  };
};

export const plots: readonly { readonly id: string; readonly plot: Plot }[] = Object.entries({
  lost,
  gift,
  sharing,
  animal,
  storm,
  baking,
  race,
  garden,
  newcomer,
  map,
}).map(([id, plot]) => ({ id, plot }));
