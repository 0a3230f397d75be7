/**
 * The page's icons: strokes on a grid of 24, 1.75 wide, round ends. Each is a constant of its own, so that only those that
 * are used are in the page.
 */

/** Paths of strokes. */
export type IconShape = readonly string[];

export const chat: IconShape = ['M20 11.5c0 4.1-3.6 7.5-8 7.5-1.3 0-2.5-.3-3.6-.8L4 19.5l1.2-3.9A7.2 7.2 0 0 1 4 11.5C4 7.4 7.6 4 12 4s8 3.4 8 7.5z'];
export const settings: IconShape = ['M4 7h9', 'M17 7h3', 'M15 5v4', 'M4 17h3', 'M11 17h9', 'M9 15v4'];
export const memory: IconShape = ['M5 5.5C5 4.7 5.7 4 6.5 4H18a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H6.5A1.5 1.5 0 0 1 5 18.5z', 'M5 17.5c0-.8.7-1.5 1.5-1.5H19', 'M9 8h6'];
export const shield: IconShape = ['M12 3.5 5 6v5.5c0 4.2 2.9 7.6 7 9 4.1-1.4 7-4.8 7-9V6z', 'm9 11.5 2.2 2.2L15 10'];
export const search: IconShape = ['M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z', 'm15.5 15.5 4.5 4.5'];
export const fact: IconShape = ['M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z', 'M4.5 20c.8-3.4 3.8-5.5 7.5-5.5s6.7 2.1 7.5 5.5'];
export const note: IconShape = ['M5 4h14v11l-5 5H5z', 'M14 20v-5h5', 'M8.5 8.5h7', 'M8.5 12h4'];
export const documents: IconShape = ['M7 3.5h7l4 4V18H7z', 'M14 3.5v4h4', 'M4 7v14h11'];
export const folder: IconShape = ['M3.5 6.5h6l2 2h9V19h-17z'];
export const link: IconShape = ['M10 14a3.5 3.5 0 0 0 5 0l4-4a3.5 3.5 0 0 0-5-5l-1.5 1.5', 'M14 10a3.5 3.5 0 0 0-5 0l-4 4a3.5 3.5 0 0 0 5 5l1.5-1.5'];
export const terminal: IconShape = ['M4 5h16v14H4z', 'm7.5 9.5 2.5 2.5-2.5 2.5', 'M12.5 15h4'];
export const branch: IconShape = ['M7 4v16', 'M17 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4z', 'M17 8c0 4-4 5-10 6'];
export const expand: IconShape = ['M14 4h6v6', 'M20 4l-7 7', 'M10 20H4v-6', 'M4 20l7-7'];
export const up: IconShape = ['M12 19V5', 'm6 11 6-6 6 6'];
export const upload: IconShape = ['M12 16V5', 'm7 9.5 5-5 5 5', 'M5 19.5h14'];
export const plus: IconShape = ['M12 5v14', 'M5 12h14'];
export const send: IconShape = ['M12 19V5', 'm6 11 6-6 6 6'];
export const down: IconShape = ['M12 5v14', 'm6 13 6 6 6-6'];
export const chevron: IconShape = ['m9 6 6 6-6 6'];
export const list: IconShape = ['M4 6h16', 'M4 12h16', 'M4 18h10'];
export const close: IconShape = ['m6 6 12 12', 'M18 6 6 18'];
export const more: IconShape = ['M5 12a.8.8 0 1 0 1.6 0 .8.8 0 1 0-1.6 0', 'M11.2 12a.8.8 0 1 0 1.6 0 .8.8 0 1 0-1.6 0', 'M17.4 12a.8.8 0 1 0 1.6 0 .8.8 0 1 0-1.6 0'];
export const pin: IconShape = ['M9 4h6l-.6 6L17 13v2H7v-2l2.6-3z', 'M12 15v5'];
export const pencil: IconShape = ['M4 20h4L19 9l-4-4L4 16z', 'm13 7 4 4'];
export const trash: IconShape = ['M4 7h16', 'M9 7V4h6v3', 'M6 7l1 13h10l1-13', 'M10 11v5', 'M14 11v5'];
export const warning: IconShape = ['M12 4 2.8 19.5h18.4z', 'M12 10v4', 'M12 17h.01'];
export const cloudOff: IconShape = ['m4 4 16 16', 'M7.5 8.6A5 5 0 0 0 6.5 18H17', 'M10.6 6.2A6 6 0 0 1 17.6 11 3.6 3.6 0 0 1 20 16.6'];
export const thought: IconShape = ['M9.5 18h5', 'M10.5 21h3', 'M12 3a6 6 0 0 0-3.6 10.8c.7.6 1.1 1.3 1.1 2.2h5c0-.9.4-1.6 1.1-2.2A6 6 0 0 0 12 3z'];
export const tool: IconShape = ['M14.5 6.5a4 4 0 0 0-5.3 5L4 16.7 7.3 20l5.2-5.2a4 4 0 0 0 5-5.3L15 12l-3-3z'];
export const refresh: IconShape = ['M19.5 9A8 8 0 1 0 20 13', 'M20 4v5h-5'];
export const key: IconShape = ['M14 10a4 4 0 1 0-3.2 3.9L13 16h2v2h2v2h3v-3l-6.2-6.2A4 4 0 0 0 14 10z', 'M9 9.5h.01'];
export const copy: IconShape = ['M9 9h11v11H9z', 'M5 15H4V4h11v1'];
export const check: IconShape = ['m5 12.5 4.5 4.5L19 7.5'];
export const server: IconShape = ['M4 5h16v6H4z', 'M4 13h16v6H4z', 'M8 8h.01', 'M8 16h.01'];
export const download: IconShape = ['M12 4v11', 'm7 10 5 5 5-5', 'M5 20h14'];
export const file: IconShape = ['M6 3.5h8l4.5 4.5V20a.5.5 0 0 1-.5.5H6a.5.5 0 0 1-.5-.5V4a.5.5 0 0 1 .5-.5z', 'M13.5 3.5V8.5h5'];
export const fork: IconShape = ['M7 4v16', 'M7 12c0-4 4-4 8-4h2', 'm14 5 3 3-3 3'];
export const play: IconShape = ['M8 5.5v13l10.5-6.5z'];
export const paperclip: IconShape = ['m20 11.5-8.2 8.1a5 5 0 0 1-7.1-7.1L13 4.3a3.4 3.4 0 0 1 4.8 4.8l-8.2 8.1a1.7 1.7 0 0 1-2.4-2.4l7.5-7.4'];
export const archive: IconShape = ['M3.5 5h17v4h-17z', 'M5 9v10.5h14V9', 'M10 13h4'];
export const tag: IconShape = ['M4 4h8l8.5 8.5-8 8L4 12z', 'M8 8h.01'];
export const sliders: IconShape = ['M5 7h8', 'M17 7h2', 'M15 5v4', 'M5 12h2', 'M11 12h8', 'M9 10v4', 'M5 17h6', 'M15 17h4', 'M13 15v4'];
export const eyeOff: IconShape = ['M4 4l16 16', 'M9.9 5.4A9 9 0 0 1 12 5c5 0 8.5 4.5 9.5 7a13 13 0 0 1-2.6 3.7', 'M6.3 6.8A13 13 0 0 0 2.5 12c1 2.5 4.5 7 9.5 7a9 9 0 0 0 4.6-1.3'];
export const eye: IconShape = ['M2.5 12c1-2.5 4.5-7 9.5-7s8.5 4.5 9.5 7c-1 2.5-4.5 7-9.5 7s-8.5-4.5-9.5-7z', 'M12 9a3 3 0 1 0 0 6 3 3 0 1 0 0-6z'];
export const book: IconShape = ['M12 6.5C10 5 7 4.5 4 4.5V18c3 0 6 .5 8 2 2-1.5 5-2 8-2V4.5c-3 0-6 .5-8 2z', 'M12 6.5V20'];
export const person: IconShape = ['M12 4a4 4 0 1 0 0 8 4 4 0 1 0 0-8z', 'M4.5 20c.8-3.5 3.8-5.5 7.5-5.5s6.7 2 7.5 5.5'];
export const undo: IconShape = ['M8 5 4 9l4 4', 'M4 9h10a5.5 5.5 0 0 1 0 11H8'];
export const bell: IconShape = ['M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 2h-15z', 'M10 21h4'];
export const slash: IconShape = ['M4 4h16v16H4z', 'm14 8-4 8'];
export const people: IconShape = ['M9 11a3.5 3.5 0 1 0 0-7 3.500 3.500 0 0 0 0 7z', 'M2.800 19.500c.6-3.300 3.100-5.500 6.200-5.500s5.600 2.200 6.200 5.500', 'M15.500 4.300a3.500 3.500 0 0 1 0 6.400', 'M17.500 14.500c1.900.8 3.200 2.600 3.700 5'];
export const back: IconShape = ['m14 6-6 6 6 6'];
export const lock: IconShape = ['M6 11h12v9H6z', 'M8.500 11V8a3.500 3.500 0 0 1 7 0v3'];
export const flag: IconShape = ['M6 21V4', 'M6 5h11l-2.500 4L17 13H6'];
