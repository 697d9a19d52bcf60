/**
 * A bitmap font of the characters that a heatmap needs, drawn here so that it can be read and changed as it looks.
 *
 * @module
 */

/** Rows of a glyph; widths differ. */
export const GLYPH_HEIGHT = 7;

/** Each sheet: a line of characters, then seven rows; glyphs stand six columns apart, empty ones at the right are cut. */
const SHEETS = [
  `
0     1     2     3     4     5     6     7     8     9
.###. .#... .###. ##### ...#. ##### ..##. ##### .###. .###.
#...# ##... #...# ...#. ..##. #.... .#... ....# #...# #...#
#...# .#... ....# ..#.. .#.#. ####. #.... ...#. #...# #...#
#...# .#... ...#. ...#. #..#. ....# ####. ..#.. .###. .####
#...# .#... ..#.. ....# ##### ....# #...# ..#.. #...# ....#
#...# .#... .#... #...# ...#. #...# #...# ..#.. #...# ...#.
.###. ###.. ##### .###. ...#. .###. .###. ..#.. .###. .##..`,
  `
-     +     .     e     m     i     n     a     x     t     o     f
..... ..... ..... ..... ..... #.... ..... ..... ..... .#... ..... ..##.
..... ..#.. ..... ..... ..... ..... ..... ..... ..... .#... ..... .#...
..... ..#.. ..... .###. ##.#. #.... #.##. .###. #...# ###.. .###. .#...
####. ##### ..... #...# #.#.# #.... ##..# ....# .#.#. .#... #...# ###..
..... ..#.. ..... ##### #.#.# #.... #...# .#### ..#.. .#... #...# .#...
..... ..#.. ..... #.... #.#.# #.... #...# #...# .#.#. .#... #...# .#...
..... ..... #.... .###. #.#.# #.... #...# .#### #...# ..##. .###. .#...`,
];

const GLYPHS: ReadonlyMap<string, readonly string[]> = new Map([
  [" ", Array(GLYPH_HEIGHT).fill("...")],
  ...SHEETS.flatMap((sheet) => {
    const [heading, ...rows] = sheet.slice(1).split("\n");
    return heading!.split(/\s+/).map((character, k): [string, string[]] => {
      const glyph = rows.map((row) => row.slice(6 * k, 6 * k + 5));
      const width = Math.max(...glyph.map((row) => row.lastIndexOf("#") + 1));
      return [character, glyph.map((row) => row.slice(0, width))];
    });
  }),
]);

/**
 * Local. The pixels of a line of text.
 *
 * @returns seven rows of equal length, `#` where there is ink.
 * @throws RangeError for a character that the font lacks.
 */
export function typeset(text: string): string[] {
  const glyphs = [...text].map((character) => {
    const glyph = GLYPHS.get(character);
    if (glyph === undefined) throw new RangeError(`Cannot draw "${character}": the font lacks it`);
    return glyph;
  });
  return Array.from({ length: GLYPH_HEIGHT }, (_, row) => glyphs.map((glyph) => glyph[row]!).join("."));
}
