import { MultiBar, Presets } from "cli-progress";
import { bytesText, timeText } from "./text.ts";

export type Task = {
  /** `percent` of the phase; `note` says more about it. */
  at(phase: "uploading" | "converting" | "downloading", percent: number, note?: string): void;
  end(): void;
};

/** What a person or a program sees. Results go to stdout, everything else to stderr. */
export type Report = {
  task(label: string): Task;
  /** For people; not with `--json` or `--quiet`. */
  note(text: string): void;
  /** As JSON with `--json`, else as text. */
  result(json: unknown, text: string): void;
  /** A failure, in words. */
  failure(text: string): void;
  close(): void;
};

export type ReportOptions = { json: boolean; quiet: boolean };

const format = "{label}  {phase} {bar} {percentage}%  {note}";

export function createReport({ json, quiet }: ReportOptions): Report {
  const hushed = json || quiet;
  const bars = !hushed && process.stderr.isTTY ? openBars() : undefined;
  const say = (text: string) => {
    if (bars) bars.log(`${text}\n`);
    else process.stderr.write(`${text}\n`);
  };
  return {
    task: (label) => (bars ? barTask(bars, label) : lineTask(label, hushed ? () => undefined : say)),
    note: (text) => {
      if (!hushed) say(text);
    },
    result: (value, text) => {
      if (json) process.stdout.write(`${JSON.stringify(value)}\n`);
      else if (text) process.stdout.write(`${text}\n`);
    },
    failure: (text) => process.stderr.write(`${text}\n`),
    close: () => bars?.stop(),
  };
}

function openBars(): MultiBar {
  return new MultiBar(
    {
      stream: process.stderr,
      format,
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
      barsize: 24,
    },
    Presets.shades_classic,
  );
}

function barTask(bars: MultiBar, label: string): Task {
  const shown = label.length > 28 ? `${label.slice(0, 27)}…` : label;
  const bar = bars.create(100, 0, { label: shown, phase: "starting   ", note: "" });
  return {
    at: (phase, percent, note = "") => bar.update(Math.floor(percent), { phase: phase.padEnd(11), note }),
    end: () => {
      bars.remove(bar);
    },
  };
}

/** Without a terminal: a line at each phase and at each quarter of it. */
function lineTask(label: string, say: (text: string) => void): Task {
  let said = "";
  return {
    at(phase, percent) {
      const line = `${label}: ${phase} ${Math.floor(percent / 25) * 25} %`;
      if (line === said) return;
      said = line;
      say(line);
    },
    end: () => undefined,
  };
}

/** "3.1 MB/s, 12 s left". */
export function paceText(bytesPerSecond: number, secondsLeft?: number): string {
  if (bytesPerSecond === 0) return "";
  const left = secondsLeft === undefined ? "" : `, ${timeText(secondsLeft)} left`;
  return `${bytesText(bytesPerSecond)}/s${left}`;
}
