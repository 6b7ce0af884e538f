import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const unpack = `
  const { default: chromium } = await import("@sparticuz/chromium");
  console.log(await chromium.executablePath());
`;

export type UnpackedChromium = {
  executablePath: string;
  args: readonly string[];
  env: Record<string, string | undefined>;
  remove: () => void;
};

/** The Chromium of npm's package, unpacked into a folder of its own, with the libraries and fonts that it needs. */
export async function unpackedChromium(): Promise<UnpackedChromium> {
  const folder = await mkdtemp(join(tmpdir(), "t2m-chromium-"));
  // In a process of its own: the package unpacks into TMPDIR, and its libraries only where it believes to be on Lambda.
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", unpack], {
    cwd: import.meta.dirname,
    env: { PATH: process.env.PATH, TMPDIR: folder, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x" },
  });
  const fonts = join(folder, "fonts.conf");
  const folders = [join(folder, "fonts"), "/usr/share/fonts"].map((path) => `<dir>${path}</dir>`);
  const cache = `<cachedir>${join(folder, "font-cache")}</cachedir>`;
  await writeFile(fonts, `<?xml version="1.0"?><fontconfig>${folders.join("")}${cache}</fontconfig>`);
  return {
    executablePath: stdout.trim(),
    // A headless shell ends with a trap when it meets a file's handle again after a reload.
    args: ["--disable-blink-features=FileSystemAccessLocal"],
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(folder, "al2023", "lib"),
      FONTCONFIG_FILE: fonts,
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
