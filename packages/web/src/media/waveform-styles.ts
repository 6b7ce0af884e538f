// wavesurfer.js writes a <style> into its shadow root, which our Content-Security-Policy forbids, as it should. The
// build takes that element out (see waveformWithoutStyle in build.ts); the same rules come as a constructed sheet.

const sheetFor = (heightPixels: number) => `
:host { user-select: none; min-width: 1px; }
:host audio { display: block; width: 100%; }
:host .scroll { overflow-x: auto; overflow-y: hidden; width: 100%; position: relative; }
:host .noScrollbar { scrollbar-color: transparent; scrollbar-width: none; }
:host .wrapper { position: relative; overflow: visible; z-index: 2; }
:host .canvases { min-height: ${heightPixels}px; pointer-events: none; }
:host .canvases > div { position: relative; }
:host canvas { display: block; position: absolute; top: 0; image-rendering: pixelated; }
:host .progress { pointer-events: none; position: absolute; z-index: 2; top: 0; left: 0; width: 0; height: 100%; overflow: hidden; }
:host .progress > div { position: relative; }
:host .cursor { pointer-events: none; position: absolute; z-index: 5; top: 0; left: 0; height: 100%; border-radius: 2px; }
`;

/** Gives a waveform its layout; `inside` is anything in its shadow root. */
export function giveStyles(inside: Node, heightPixels: number): void {
  const root = inside.getRootNode();
  if (!(root instanceof ShadowRoot)) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(sheetFor(heightPixels));
  root.adoptedStyleSheets = [sheet];
}
