import type { PixelImage } from '@seg/core';

/** Whether a format works, tried on a picture of one pixel. */
export interface FormatReport {
  readonly format: string;
  readonly ok: boolean;
  readonly reason: string | null;
}

export interface PhotoFormats {
  readonly reads: readonly FormatReport[];
  readonly writes: readonly FormatReport[];
}

/** Formats that the CLI writes; it must read them too. */
const WRITES = ['png', 'jpeg', 'webp'] as const;

/** The others, a pixel each, in base64. */
const SAMPLES: Readonly<Record<string, string>> = {
  avif:
    'AAAAHGZ0eXBhdmlmAAAAAG1pZjFhdmlmbWlhZgAAANZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAA' +
    'AERAAAEAAQAAAAAA+gABAAAAAAAAAB0AAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABhdjAxAAAAAA5waXRtAAAAAAABAAAAVmlwcnAAAAA4' +
    'aXBjbwAAAAxhdjFDgSACAAAAABRpc3BlAAAAAAAAAAEAAAABAAAAEHBpeGkAAAAAAwgICAAAABZpcG1hAAAAAAAAAAEAAQOBAgMAAAAlbWRhdBIA' +
    'Cgc4AAaQENBpMhAf8mKE4AAWAASQNZZKfCLY',
  tiff:
    'SUkqAAoAAAB4AAkAAAEDAAEAAAABAAAAAQEDAAEAAAABAAAAAgEDAAEAAAAIAAAAAwEDAAEAAAABAAAABgEDAAEAAAABAAAAEQEEAAEAAAAIAAAA' +
    'FQEDAAEAAAABAAAAFgEDAAEAAAABAAAAFwEEAAEAAAABAAAAAAAAAA==',
  gif: 'R0lGODlhAQABAIAAAExpcchkMiH5BAUAAAAALAAAAAABAAEAAAICTAEAOw==',
};

const PIXEL: PixelImage = { format: 'rgb8', width: 1, height: 1, data: new Uint8Array([200, 100, 50]) };

/** Writes and reads a pixel in every format. */
export async function tryPhotoFormats(signal: AbortSignal): Promise<PhotoFormats> {
  const reads: FormatReport[] = [];
  const writes: FormatReport[] = [];
  try {
    const { encodeImage, readPhoto } = await import('@seg/node');
    const samples = new Map(Object.entries(SAMPLES).map(([format, text]) => [format, toBytes(text)]));
    for (const format of WRITES) {
      writes.push(
        await report(format, async () => {
          samples.set(format, await encodeImage(PIXEL, { format, signal }));
        }),
      );
    }
    for (const [format, bytes] of samples)
      reads.push(await report(format, () => readPhoto(bytes, { signal })));
  } catch (error) {
    // sharp itself is missing, or has no binary for this platform
    reads.push(failed('all', error));
    writes.push(failed('all', error));
  }
  return { reads, writes };
}

async function report(format: string, attempt: () => Promise<unknown>): Promise<FormatReport> {
  try {
    await attempt();
    return { format, ok: true, reason: null };
  } catch (error) {
    return failed(format, error);
  }
}

function failed(format: string, error: unknown): FormatReport {
  return { format, ok: false, reason: error instanceof Error ? error.message : String(error) };
}

function toBytes(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}
