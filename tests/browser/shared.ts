// For tests in a browser. They fetch files of the shared folder at /shared/..., and of the repository at /repo/...

/** The addresses of files of the shared folder (SEG_SHARED, else ../shared); where one is absent, the test is skipped. */
export async function sharedOrSkip(
  paths: readonly string[],
  skip: (note: string) => void,
): Promise<string[]> {
  const found = await Promise.all(
    paths.map(async (path) => (await fetch(`/shared/${path}`, { method: 'HEAD' })).ok),
  );
  const absent = paths.filter((_, i) => found[i] === false);
  if (absent.length > 0) skip(`no ${absent.join(', ')} in SEG_SHARED or ../shared`);
  return paths.map((path) => `/shared/${path}`);
}

/** The address of a folder of a vendor's package, where its wasm lies: `vendorAt('onnx-web', 'onnxruntime-web/dist')`. */
export function vendorAt(adapter: string, folder: string): string {
  return `/repo/packages/runtimes/${adapter}/node_modules/${folder}/`;
}
