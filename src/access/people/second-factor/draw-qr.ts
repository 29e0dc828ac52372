// A QR code as a drawing that a page can show without foreign markup: the path of an SVG.
import qrcode from 'qrcode-generator';

/** `path` for `<svg viewBox="0 0 size size"><path d=…>`, with the quiet zone of four modules that readers need. */
export function drawQr(text: string): { size: number; path: string } {
  const qr = qrcode(0, 'M');
  qr.addData(text);
  qr.make();
  const count = qr.getModuleCount();
  let path = '';
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < count; column++) {
      if (qr.isDark(row, column)) path += `M${column + 4} ${row + 4}h1v1h-1z`;
    }
  }
  return { size: count + 8, path };
}
