/** Keeps the page as high as what can be seen of it where a keyboard on the screen covers it and the browser doesn't say so. */

export function watchViewport(): void {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const { style } = document.documentElement;
  const fit = () => {
    const isCovered = viewport.scale === 1 && viewport.height < innerHeight - 1;
    if (isCovered) style.setProperty('--viewport-height', `${viewport.height}px`);
    else style.removeProperty('--viewport-height');
    if (isCovered) scrollTo(0, 0);
  };
  viewport.addEventListener('resize', fit);
}
