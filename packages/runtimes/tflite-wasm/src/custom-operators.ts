/** Custom operators that the vendor's build knows. */
const KNOWN = ['AudioSpectrogram', 'Mfcc', 'NumericVerify', 'TFLite_Detection_PostProcess'];

/**
 * The names of the custom operators that a .tflite file uses and the vendor lacks. The file must have passed a FlatBuffers
 * verifier. The layout is that of TensorFlow's schema.fbs: field 1 of Model is `operator_codes`, field 1 of OperatorCode
 * is `custom_code`.
 */
export function customOperators(file: Uint8Array): string[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const follow = (at: number): number => at + view.getUint32(at, true);
  /** Where a table's field stands, or null where it is left out. */
  function field(table: number, index: number): number | null {
    const layout = table - view.getInt32(table, true);
    const entry = 4 + 2 * index;
    const offset = entry < view.getUint16(layout, true) ? view.getUint16(layout + entry, true) : 0;
    return offset === 0 ? null : table + offset;
  }
  function text(at: number): string {
    const start = follow(at);
    return new TextDecoder().decode(file.subarray(start + 4, start + 4 + view.getUint32(start, true)));
  }
  const codes = field(follow(0), 1);
  if (codes === null) return [];
  const list = follow(codes);
  const names = Array.from({ length: view.getUint32(list, true) }, (_, i) => {
    const name = field(follow(list + 4 + 4 * i), 1);
    return name === null ? '' : text(name);
  });
  return names.filter((name) => name !== '' && !KNOWN.includes(name));
}
