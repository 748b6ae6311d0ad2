// What an expression says in pages, by every engine: node tests/engines/look.ts EXPRESSION URL...
// One line of JSON each: { title, name, url, value }, and { title, reason } where the engine is not installed. For scripts that
// may run on a Node without types: run it by the checkout's own.
import type { Found } from './engine.ts';
import { findFirefox } from './firefox.ts';
import { findWebKitGtk } from './webkitgtk.ts';

const [expression = '', ...urls] = process.argv.slice(2);

async function look(title: string, found: Found): Promise<void> {
  if ('reason' in found) {
    print({ title, reason: found.reason });
    return;
  }
  const engine = await found.start();
  try {
    for (const url of urls) {
      await engine.open(url);
      print({ title, name: engine.name, url, value: await engine.evaluate(expression) });
    }
  } finally {
    await engine.close();
  }
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

await look('Firefox', findFirefox());
await look('WebKitGTK', findWebKitGtk());
