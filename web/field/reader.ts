import { BarcodeDetector as Ponyfill, prepareZXingModule } from 'barcode-detector/ponyfill'
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url'

export type Found = { rawValue: string }
export type Detector = { detect: (source: ImageBitmapSource) => Promise<Found[]> }
type DetectorClass = {
  new (options: { formats: readonly string[] }): Detector
  getSupportedFormats: () => Promise<readonly string[]>
}

const FORMATS = ['qr_code', 'code_128', 'data_matrix', 'ean_13'] as const
const KEPT = 'cityloop-reader'

/** The reader's program (1 MB, from this server), kept for the days without a network; asked for once a page is open. */
async function program(): Promise<ArrayBuffer> {
  const cache = await caches.open(KEPT)
  let kept = await cache.match(wasmUrl)
  if (!kept) {
    // An earlier edition's is of no use any more.
    for (const old of await cache.keys()) await cache.delete(old)
    await cache.add(wasmUrl)
    kept = (await cache.match(wasmUrl))!
  }
  return kept.arrayBuffer()
}

let prepared: Promise<void> | undefined

/**
 * A reader of codes: the browser's own where it has one, else ZXing as WebAssembly. Rejects where neither can be had: the
 * program was never fetched and there is no network.
 */
export async function openReader(): Promise<Detector> {
  const native = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector
  const formats = (await native?.getSupportedFormats().catch(() => [])) ?? []
  if (native && formats.includes('qr_code'))
    return new native({ formats: FORMATS.filter((f) => formats.includes(f)) })
  prepared ??= program().then(async (wasmBinary) => {
    await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true })
  })
  prepared.catch(() => (prepared = undefined))
  await prepared
  return new Ponyfill({ formats: [...FORMATS] })
}
