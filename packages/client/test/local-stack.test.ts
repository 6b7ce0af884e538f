import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { t2m } from "./support/t2m.ts";
import { toneWav } from "./support/tone.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "t2m-local-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

type Process = { pid: string; parent: string; startedAt: string; program: string };

/** What runs now. What has ended and only waits for its parent to notice is left out. */
async function processes(): Promise<Map<string, Process>> {
  const found = new Map<string, Process>();
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    const [state, parent = "", ...fields] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const program = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (state !== "Z" && fields.length > 17)
      found.set(pid, { pid, parent, startedAt: fields[17] ?? "", program });
  }
  return found;
}

/** What of it runs below `ancestor`. */
function below(running: Map<string, Process>, ancestor: number): Process[] {
  const isBelow = ({ parent }: Process): boolean => {
    const above = running.get(parent);
    return parent === String(ancestor) || (above !== undefined && isBelow(above));
  };
  return [...running.values()].filter(isBelow);
}

it.runIf(process.platform === "linux")(
  "`t2m convert` without any service starts the stack, converts, and leaves nothing running that it started",
  async () => {
    await writeFile(join(home, "song.wav"), toneWav(2));
    const command = t2m(home, ["convert", "song.wav", "--to", "mp3"]);
    const seen = new Map<string, Process>();
    const look = async () => {
      for (const child of below(await processes(), command.pid))
        seen.set(`${child.pid} ${child.startedAt}`, child);
    };
    let over = false;
    void command.ended.then(() => {
      over = true;
    });
    await expect.poll(async () => look().then(() => over), { timeout: 60_000, interval: 100 }).toBe(true);
    expect(await command.ended).toMatchObject({ code: 0, out: "song.mp3\n" });
    expect((await stat(join(home, "song.mp3"))).size).toBeGreaterThan(20_000);

    expect(seen.size).toBeGreaterThan(0);
    const running = await processes();
    const alive = [...seen.values()].filter(
      ({ pid, startedAt }) => running.get(pid)?.startedAt === startedAt,
    );
    expect(alive).toEqual([]);
  },
  90_000,
);
