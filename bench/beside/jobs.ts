/**
 * What is asked of all programs, and the drawings that atlc's own tools make of it. The programs for gmsh (`.geo`) and
 * FreeFEM (`.edp`) lie here under the name of a job.
 *
 * @module
 */

/** A number that all programs are asked for: the flux for 1 V, of all of the section. */
export interface Job {
  /** Of the files here. */
  readonly name: string;
  readonly title: string;
  readonly exact: number;
  /** Our problem file, and the part that the flux is of. */
  readonly problem: string;
  readonly part: string;
  /** Numbers of `laplace.pro`. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** A bitmap for atlc. */
export interface Drawing {
  readonly job: Job;
  readonly title: string;
  /** What draws it into a file, by the name of that. */
  readonly create: (file: string) => string;
  /** The flux of what is drawn, pixel by pixel; as a rule that of the job. */
  readonly drawn?: number;
}

const eps0 = 8.8541878188;

const square: Job = {
  name: "square_coax",
  title: "Square coaxial line, inner side ½",
  exact: 10.2340925694,
  problem: "examples/fields/square-coax.toml",
  part: "inner",
  numbers: { depth: 4 },
};
const round: Job = {
  name: "round_coax",
  title: "Round coaxial line, b/a = 2",
  exact: 2 * Math.PI / Math.LN2,
  problem: "examples/fields/round-coax.toml",
  part: "inner",
  numbers: { depth: 4 },
};
const coated: Job = {
  name: "coated_coax",
  title: "Coated coaxial line",
  exact: eps0 * 2 * Math.PI / (Math.log(1.5) / 2 + Math.log(4 / 3)),
  problem: "examples/fields/coated-coax.toml",
  part: "wire",
  numbers: { depth: 4 * eps0, er: 2 },
};
const stripline: Job = {
  name: "stripline",
  title: "Stripline, w/b = 1",
  exact: 5.76448992428,
  problem: "examples/fields/stripline.toml",
  part: "strip",
  numbers: { depth: 4 },
};
const inAir: Job = {
  name: "microstrip_air",
  title: "Microstrip in air, w/h = 2",
  exact: 4.231557942,
  problem: "examples/fields/microstrip-air.toml",
  part: "strip",
  numbers: { depth: 2 },
};
/** No closed form: GetDP on 16 000, 61 000 and 123 000 nodes of second order, extrapolated; certain to 1e-8. */
const boxed: Job = {
  name: "microstrip",
  title: "Microstrip on εr = 10, in a box",
  exact: 30.935412,
  problem: "bench/beside/microstrip.toml",
  part: "strip",
  numbers: { depth: 2, er: 10 },
};

/** The jobs, in the order of the page. */
export const JOBS: readonly Job[] = [square, round, coated, stripline, inAir, boxed];

const circles = (size: number, pixels: number, drawn: number): Drawing => ({
  job: round,
  title: `round, ${pixels} wide`,
  create: (file) => `create_bmp_for_circ_in_circ -b ${size} 20 10 0 1 ${file}`,
  drawn,
});
const squares = (size: number, pixels: number): Drawing => ({
  job: square,
  title: `square, ${pixels} wide`,
  create: (file) => `create_bmp_for_rect_in_rect -b ${size} 20 20 0 5 10 20 10 5 1 1 ${file}`,
});
const strips = (pixels: number, drawn: number): Drawing => ({
  job: stripline,
  title: `stripline, ${pixels} high`,
  create: (file) => `create_bmp_for_symmetrical_stripline ${5 * pixels} ${pixels} ${pixels} ${file}`,
  drawn,
});
const boards = (size: number, pixels: number): Drawing => ({
  job: boxed,
  title: `microstrip, ${pixels} wide`,
  create: (file) => `create_bmp_for_rect_in_rect -b ${size} 16 8 0 7 0.25 16 2 1 1 10 ${file}`,
});

/**
 * The drawings, the coarsest of a job first. A circle is drawn in steps, and a strip without thickness one pixel thick and one
 * too short. What such outlines have is from GetDP on triangles of second order that shrink towards all their corners,
 * extrapolated, and certain to 1e-5.
 */
export const DRAWINGS: readonly Drawing[] = [
  squares(4, 200),
  squares(6, 400),
  squares(8, 800),
  circles(4, 200, 9.12418),
  circles(6, 400, 9.09875),
  circles(8, 800, 9.07886),
  strips(51, 5.907422),
  strips(101, 5.844754),
  strips(201, 5.809027),
  boards(3, 256),
  boards(6, 576),
];
