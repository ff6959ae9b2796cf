import { inflateRawSync } from 'node:zlib'

/**
 * Unpacks every part once under a limit, before anything else reads it: sizes in the directory are what the sender says.
 * A formula is refused, because its stored result may be stale or missing, and nobody would see which.
 */
export function workbookProblem(
  zip: Buffer,
  mostUnpacked: number,
): 'not_xlsx' | 'formulas' | 'unpacked_too_large' | undefined {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end < 0 || end + 22 > zip.length) return 'not_xlsx'
  const count = zip.readUInt16LE(end + 10)
  let at = zip.readUInt32LE(end + 16)
  let left = mostUnpacked
  let sheets = 0
  try {
    for (let i = 0; i < count; i++) {
      if (zip.readUInt32LE(at) !== 0x02014b50) return 'not_xlsx'
      const [method, packed, local] = [
        zip.readUInt16LE(at + 10),
        zip.readUInt32LE(at + 20),
        zip.readUInt32LE(at + 42),
      ]
      const [nameLength, extra, comment] = [28, 30, 32].map((o) => zip.readUInt16LE(at + o)) as [
        number,
        number,
        number,
      ]
      const name = zip.toString('utf8', at + 46, at + 46 + nameLength)
      at += 46 + nameLength + extra + comment
      const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
      const data = zip.subarray(from, from + packed)
      const part = method === 0 ? data : inflateRawSync(data, { maxOutputLength: Math.max(1, left) })
      left -= part.length
      if (left < 0) return 'unpacked_too_large'
      if (!/^xl\/worksheets\/[^/]+\.xml$/.test(name)) continue
      sheets++
      if (part.includes('<f>') || part.includes('<f ') || part.includes('<f/>')) return 'formulas'
    }
  } catch (error) {
    return (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE' ? 'unpacked_too_large' : 'not_xlsx'
  }
  return sheets === 0 ? 'not_xlsx' : undefined
}
