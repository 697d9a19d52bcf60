/**
 * The messages that fill the halos of a rank and of its neighbours: persistent, first along one direction, then
 * along the other, so that corners come along.
 *
 * @module
 */

import type { Block, GridData } from "../../core/contract.ts";
import type { Halo } from "../../core/kernels/distributed.ts";
import { arrayType } from "../../core/dtype.ts";
import type { Comm, MPI, Requests } from "../../mpi/mod.ts";
import type { NeighbourRanks } from "../engine-ranks/partition.ts";

/** The direction of a message. */
const TAG = { north: 0, south: 1, west: 2, east: 3 } as const;
const BACK = { north: "south", south: "north", west: "east", east: "west" } as const;
type Way = keyof typeof BACK;

/** A message, and the part of the array that it is of. */
interface Side {
  readonly block: Block;
  readonly data: GridData;
}

/** Messages that travel at the same time: to and from the neighbours on two sides. */
interface Phase {
  readonly sent: readonly Side[];
  readonly received: readonly Side[];
  readonly requests: Requests;
}

/** The messages of one halo. */
export class Messages {
  readonly #phases: readonly Phase[];

  /** Local. Neighbours make theirs in the same order. @param cart of the ranks that `near` means */
  constructor(readonly mpi: MPI, readonly cart: Comm, near: NeighbourRanks, readonly halo: Halo) {
    const { owned: { rows: [r0, r1], cols: [c0, c1] }, layers: [down, along] } = halo;
    const all = [c0, c1] as const;
    // Columns come second and carry the corners: they contain what the rows have brought.
    const tall = [near.north < 0 ? r0 : r0 - down, near.south < 0 ? r1 : r1 + down] as const;
    this.#phases = [
      this.#phase(near, [
        ["north", { rows: [r0, r0 + down], cols: all }, { rows: [r0 - down, r0], cols: all }],
        ["south", { rows: [r1 - down, r1], cols: all }, { rows: [r1, r1 + down], cols: all }],
      ]),
      this.#phase(near, [
        ["west", { rows: tall, cols: [c0, c0 + along] }, { rows: tall, cols: [c0 - along, c0] }],
        ["east", { rows: tall, cols: [c1 - along, c1] }, { rows: tall, cols: [c1, c1 + along] }],
      ]),
    ].filter((phase) => phase !== undefined);
  }

  /** The messages to and from the neighbours on two sides; either neighbour may be missing. */
  #phase(
    near: NeighbourRanks,
    ways: readonly (readonly [way: Way, sent: Block, received: Block])[],
  ): Phase | undefined {
    const { mpi, cart, halo } = this;
    const Data = arrayType(halo.dtype);
    const side = ({ rows, cols }: Block): Side => ({
      block: { rows, cols },
      data: new Data((rows[1] - rows[0]) * (cols[1] - cols[0])),
    });
    const messages = ways.filter(([way]) => near[way] >= 0)
      .map(([way, sent, received]) => ({ way, sent: side(sent), received: side(received) }));
    if (messages.length === 0) return undefined;
    return {
      sent: messages.map(({ sent }) => sent),
      received: messages.map(({ received }) => received),
      requests: mpi.Requests([
        ...messages.map(({ way, received }) => cart.Recv_init(received.data, near[way], TAG[BACK[way]])),
        ...messages.map(({ way, sent }) => cart.Send_init(sent.data, near[way], TAG[way])),
      ]),
    };
  }

  /** Collective. Fills the halo. */
  async exchange(): Promise<void> {
    const { halo } = this;
    for (const { sent, received, requests } of this.#phases) {
      for (const { block, data } of sent) data.set(await halo.read(block));
      requests.Start();
      requests.Wait();
      for (const { block, data } of received) await halo.write(block, data);
    }
  }

  /** Local. Releases the requests. */
  free(): void {
    for (const { requests } of this.#phases) requests.Free();
  }
}
