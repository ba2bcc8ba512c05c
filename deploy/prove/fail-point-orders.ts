import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FailPoint } from "@millrace/fail-points";

/** What the process that passes a fail point does to itself. */
export type FailPointAction = "kill" | "stop";

/** Orders to processes that were started with MILLRACE_FAIL_POINTS set to `folder`; see `libs/service/fail-point-orders.ts`. */
export class FailPointOrders {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** The process that passes there for the `count`-th time from now obeys. */
  give(point: FailPoint, action: FailPointAction, count: number): void {
    rmSync(join(this.folder, `${point}.hit`), { force: true });
    writeFileSync(join(this.folder, point), `${action} ${count}\n`);
  }

  /** The process that obeyed, or null while none has. */
  hitBy(point: FailPoint): number | null {
    const file = join(this.folder, `${point}.hit`);
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    return text.endsWith("\n") ? Number(text) : null;
  }

  /** Nobody obeys from now on, except who has taken the order already. */
  withdraw(point: FailPoint): void {
    rmSync(join(this.folder, point), { force: true });
  }
}
