/**
 * Keeps the end of a growing view in sight as long as its reader is there. Whoever scrolls up stays where they are, and is
 * told that there is more below.
 */

/** So near to the end counts as being there. */
const NEAR_PIXELS = 40;

export class FollowedEnd {
  /** The reader is at the end. */
  isAtEnd = $state(true);
  #scroller: HTMLElement | undefined;
  #last = 0;

  /** Watches an element that scrolls, and what is in it. */
  readonly attach = (scroller: HTMLElement): (() => void) => {
    this.#scroller = scroller;
    const grown = new ResizeObserver(() => {
      if (this.isAtEnd) this.#jump();
    });
    grown.observe(scroller);
    for (const child of scroller.children) grown.observe(child);
    const scrolled = () => this.#scrolled(scroller);
    scroller.addEventListener('scroll', scrolled, { passive: true });
    this.#jump();
    return () => {
      grown.disconnect();
      scroller.removeEventListener('scroll', scrolled);
    };
  };

  /** Goes to the end, and follows it again. */
  toEnd(): void {
    this.isAtEnd = true;
    this.#jump();
  }

  #jump(): void {
    const scroller = this.#scroller;
    if (!scroller) return;
    scroller.scrollTop = scroller.scrollHeight;
    this.#last = scroller.scrollTop;
  }

  #scrolled(scroller: HTMLElement): void {
    const { scrollTop, scrollHeight, clientHeight } = scroller;
    const isNear = scrollHeight - clientHeight - scrollTop <= NEAR_PIXELS;
    // Only a move upwards is the reader's: text that grows makes the end go away by itself.
    if (isNear) this.isAtEnd = true;
    else if (scrollTop < this.#last) this.isAtEnd = false;
    this.#last = scrollTop;
  }
}
