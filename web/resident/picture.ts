/** Long side of what is sent, in pixels: the lines of a test kit are read well below that. */
const LONGEST = 1600

/**
 * A smaller JPEG of a picture, for a slow network; it says nothing of where it was taken either. What the browser cannot
 * draw is sent as it is, and the server says whether it can be used.
 */
export async function shrink(file: File): Promise<Blob> {
  try {
    const image = await createImageBitmap(file)
    const scale = Math.min(1, LONGEST / Math.max(image.width, image.height))
    const canvas = document.createElement('canvas')
    canvas.width = Math.max(1, Math.round(image.width * scale))
    canvas.height = Math.max(1, Math.round(image.height * scale))
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
    image.close()
    const made = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', 0.85))
    return made && made.size < file.size ? made : file
  } catch {
    return file
  }
}
