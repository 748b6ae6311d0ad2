// Reads what it is sent, in a worker: there is no document.
import { readImage } from '../../src/images.ts';

addEventListener('message', async ({ data }) => {
  try {
    postMessage(await readImage(data));
  } catch (error) {
    postMessage(String(error));
  }
});
