// Reads QR codes in a picture: with the browser's decoder, or with one that is loaded only if it
// is needed.

/** Larger pictures are scaled down. A QR code has few modules, so it stays readable. */
const MOST_PIXELS = 1600;

/** Returns the texts of the QR codes in an image file. Throws if the file is not an image. */
export async function textsIn(file) {
  const image = await createImageBitmap(file);
  if (await canDetect()) {
    const found = await new BarcodeDetector({ formats: ["qr_code"] }).detect(image);
    return found.map(({ rawValue }) => rawValue);
  }
  const { default: decode } = await import("./pkg/jsqr.js");
  const scale = Math.min(1, MOST_PIXELS / Math.max(image.width, image.height));
  const [width, height] = [image.width, image.height].map((length) => Math.max(1, Math.round(scale * length)));
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0, width, height);
  const found = decode(context.getImageData(0, 0, width, height).data, width, height);
  return found === null ? [] : [found.data];
}

async function canDetect() {
  return "BarcodeDetector" in globalThis && (await BarcodeDetector.getSupportedFormats()).includes("qr_code");
}
