/** Character cards for tests: pictures with a card in them, as programs write them, and one full of markup. */
import { crc32, deflateSync } from 'node:zlib';

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** A picture of a gradient with a card in it. */
export function pngCard(card: object, [red, green, blue]: readonly [number, number, number] = [150, 120, 200], size = 128): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 2], 8);
  const rows = Buffer.alloc(size * (1 + size * 3));
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const light = 0.55 + (0.45 * (x + y)) / (2 * size);
      rows.set([red * light, green * light, blue * light], y * (1 + size * 3) + 1 + x * 3);
    }
  }
  const text = Buffer.from(`chara\0${Buffer.from(JSON.stringify(card)).toString('base64')}`, 'latin1');
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('tEXt', text), chunk('IEND', Buffer.alloc(0))]);
}

export const SERA = {
  spec: 'chara_card_v2', spec_version: '2.0',
  data: {
    name: 'Seraphina', description: '{{char}} keeps the **glade**, and everyone who finds the way there.', personality: 'patient, curious',
    scenario: '{{user}} wakes up in the glade.', first_mes: '*The light is green.* You are awake, {{user}}.',
    alternate_greetings: ['“Again you, {{user}}?” says {{char}}.', 'It rains in the glade.'], mes_example: '<START>\n{{user}}: Who are you?\n{{char}}: A friend.',
    creator: 'someone', character_version: '1.2', tags: ['fantasy', 'calm', 'forest'], x_unknown: { kept: [1.5] },
    character_book: { entries: [{ keys: ['glade', 'clearing'], content: 'The glade is older than the wood.', enabled: true, insertion_order: 10, x_own: 1 }, { keys: ['owl'], content: 'The owl sees.', enabled: false, insertion_order: 20 }] },
  },
};

const SCRIPT = '<script>window.hacked=1</script><img src=x onerror="window.hacked=2">';
/** Everywhere that a card has text. */
export const HOSTILE = {
  spec: 'chara_card_v2', spec_version: '2.0',
  data: {
    name: `Eve ${SCRIPT}`, description: SCRIPT, personality: [SCRIPT], scenario: `[x](javascript:window.hacked=3) ${SCRIPT}`,
    first_mes: `${SCRIPT} ![p](https://tracker.invalid/p.png) [a](javascript:window.hacked=4)\n\n<svg onload="window.hacked=5">`,
    creator: SCRIPT, character_version: SCRIPT, creator_notes: `<iframe src="https://tracker.invalid"></iframe>${SCRIPT}`, tags: [SCRIPT, '‮evil'],
    character_book: { entries: [{ keys: [SCRIPT], name: SCRIPT, content: SCRIPT, comment: SCRIPT }, 7, { keys: { a: 1 }, content: [SCRIPT], insertion_order: {} }] },
  },
};
