// What an injector is, and what those of several rooms share.
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault, TcpProxy } from '../servers/tcp-proxy.ts';
import type { FaultKind, PlannedFault } from './plan.ts';
import type { Gateway } from './gateways.ts';
import type { World } from './world.ts';

/** Ends the fault; what it says is written down. */
export type Heal = () => Promise<string | void> | string | void;

/**
 * A fault that can strike. `what` it does and how it is `healed`, in words; `strike` begins it, and what that returns ends it after the planned
 * seconds. `doubles`: letters whose fate is recorded around it may be sent once more (TRUST P3).
 */
export interface Injector extends FaultKind {
  what: string;
  heal: string;
  doubles: boolean;
  strike(world: World, planned: PlannedFault): Promise<Heal | void> | Heal | void;
}

/** The gateway that number `dice` (0 to 1) falls on. */
export function gatewayBy(world: World, dice = 0): Gateway {
  return world.gateways[Math.floor(dice * world.gateways.length)]!;
}

/** A fault on wires, healed by taking it away; connections that had it are reset, since their bytes are gone. */
export function onWires(wires: TcpProxy[], fault: Fault): Heal {
  for (const wire of wires) wire.fault(fault);
  return () => {
    for (const wire of wires) {
      wire.fault({});
      if (fault.blackhole || fault.pieceBytes) wire.cutAll();
    }
  };
}

/** Tries until it works: an oracle's own connection is down when its server is. */
export async function insist<T>(action: () => Promise<T>, attempts = 50): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await action();
    } catch (error) {
      if (attempt === attempts) throw error;
      await pause(200);
    }
  }
}
