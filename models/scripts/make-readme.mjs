// Writes README.md from the cards: `pnpm exec node scripts/make-readme.mjs` (Node 24, which reads TypeScript);
// with --check it only says whether it is current.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cards, findRecipe } from '../src/index.ts';

const readme = fileURLToPath(new URL('../README.md', import.meta.url));

const HEAD = `# @seg/models

Model cards for Seg: what each model finds, how it is fed and read, where its files are, what may be done with them.
\`people\` ships inside this package; the files of the others are loaded when they are used, and checked.

\`\`\`ts
import people from '@seg/models/people'; // one card is one entry point
import { cards, findCard } from '@seg/models'; // or all of them
\`\`\`

| id | finds | labels, *groups* | input | files | licence | commercial use | source |
|---|---|---|---|---|---|---|---|
`;

const TAIL = `
\`commercial use\` is about data and weights together; \`license.why\` of each card gives the reason. The same names mean
the same thing in every card (\`person\`, \`background\`, \`hair\`, \`skin\`, \`clothes\`, \`face\`), so what is drawn with one
model can be drawn with another.

Files marked (mirror) have no public address. They are taken from a mirror: a folder or a web address with the files under
their names, as in \`SEG_MODEL_MIRROR=../models seg segment photo.jpg --model deeplabv3-513\`.

\`face-parsing-512\` comes without weights. \`withFile(card, recipe, part)\` makes a card for a file of your own, with the
recipe that \`findRecipe('face-parsing-512')\` gives.

Label sets for cards of your own are in \`labelSets\`.

Made by scripts/make-readme.mjs from the cards. weights/README.md says where \`people.onnx\` comes from.
`;

function row({ id, tasks, labels, groups, license, variants }) {
  const names = labels.names.length > 6 ? [`${labels.names.length} (${labels.id})`] : [...labels.names];
  const { size } = findRecipe(id).input;
  const cells = [
    `\`${id}\``,
    tasks.join(', '),
    [...names, ...Object.keys(groups).map((group) => `*${group}*`)].join(', '),
    `${size.width} x ${size.height}`,
    variants.map(files).join('<br>') || 'yours',
    license.spdx,
    license.commercial,
    `[${shortName(new URL(license.source))}](${license.source})`,
  ];
  return `| ${cells.join(' | ')} |\n`;
}

function files({ id, parts }) {
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const size = (bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 1);
  return `${id} ${size} MB${parts.every((part) => part.urls.length > 0) ? '' : ' (mirror)'}`;
}

function shortName({ hostname, pathname }) {
  return hostname === 'github.com'
    ? pathname.split('/').slice(1, 3).join('/')
    : hostname.replace(/^www\./, '');
}

const text = HEAD + cards.map(row).join('') + TAIL;
if (!process.argv.includes('--check')) {
  writeFileSync(readme, text);
} else if (readFileSync(readme, 'utf8') !== text) {
  console.error(
    'README.md is not what the cards say: run `pnpm exec node scripts/make-readme.mjs` in models/',
  );
  process.exitCode = 1;
}
