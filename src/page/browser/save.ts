export function save(name: string, content: string | Uint8Array | Blob): void {
  const blob = content instanceof Blob ? content : new Blob([content as BlobPart]);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The download has begun by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Pixels of a picture for each of the chart: sharp on screens and slides. */
const SCALE = 2;

/** Puts buttons below a chart that save it as SVG and as PNG. */
export function addSaveButtons(figure: Element): void {
  const svg = figure.querySelector('svg');
  if (svg === null) return;
  const title = svg.getAttribute('aria-label') ?? 'chart';
  const name = title.replaceAll(/[^\p{L}\p{N}]+/gu, '-').toLowerCase();
  const bar = document.createElement('div');
  bar.className = 'save';
  for (const [kind, act] of [
    ['SVG', async () => save(`${name}.svg`, standalone(svg))],
    ['PNG', async () => save(`${name}.png`, await picture(svg))],
  ] as const) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = kind;
    button.setAttribute('aria-label', `Save as ${kind}: ${title}`);
    button.onclick = () => void act();
    bar.append(button);
  }
  figure.append(bar);
}

/** The chart with the colours of the page as they are now, so that it needs nothing else. */
function standalone(svg: SVGSVGElement): string {
  const style = getComputedStyle(document.documentElement);
  return new XMLSerializer()
    .serializeToString(svg)
    .replaceAll(/var\((--[\w-]+)\)/g, (_, name: string) => style.getPropertyValue(name).trim());
}

async function picture(svg: SVGSVGElement): Promise<Blob> {
  const { width, height } = svg.viewBox.baseVal;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standalone(svg))}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = width * SCALE;
  canvas.height = height * SCALE;
  const context = canvas.getContext('2d')!;
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((take) => canvas.toBlob((blob) => take(blob!), 'image/png'));
}
