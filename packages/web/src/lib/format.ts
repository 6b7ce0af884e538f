const language = "en";
const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
const numberFormats = new Map<string, Intl.NumberFormat>();

function inUnit(value: number, unit: string, digits: number): string {
  const key = `${unit} ${digits}`;
  let format = numberFormats.get(key);
  if (!format) {
    const unitDisplay = unit === "byte" ? "long" : "short";
    const options = { style: "unit", unit, unitDisplay, maximumFractionDigits: digits } as const;
    format = new Intl.NumberFormat(language, options);
    numberFormats.set(key, format);
  }
  return format.format(value);
}

/** 1,500,000 → "1.5 MB" */
export function sizeText(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return inUnit(value, units[power] ?? "byte", power > 0 && value < 100 ? 1 : 0);
}

export const speedText = (bytesPerSecond: number) => `${sizeText(bytesPerSecond)}/s`;

export const percentText = (percent: number) => `${Math.floor(percent)} %`;

/** How long something still takes, roughly: "40 sec", "3 min", "2 hr". */
export function waitText(seconds: number): string {
  if (seconds < 90) return inUnit(Math.max(1, Math.round(seconds)), "second", 0);
  if (seconds < 90 * 60) return inUnit(Math.round(seconds / 60), "minute", 0);
  return inUnit(seconds / 3600, "hour", 1);
}

/** A place in a recording: 61.5 → "1:01.5" */
export function clockText(seconds: number): string {
  const tenths = Math.round(seconds * 10);
  const whole = Math.floor(tenths / 10);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = String(whole % 60).padStart(2, "0");
  const fraction = tenths % 10 === 0 ? "" : `.${tenths % 10}`;
  if (hours === 0) return `${minutes}:${rest}${fraction}`;
  return `${hours}:${String(minutes).padStart(2, "0")}:${rest}${fraction}`;
}

const dateTime = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const time = new Intl.DateTimeFormat(language, { timeStyle: "medium" });
const hour = new Intl.DateTimeFormat(language, { timeStyle: "short" });
const day = new Intl.DateTimeFormat(language, { dateStyle: "full" });
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

export const dateTimeText = (iso: string) => dateTime.format(new Date(iso));
export const timeText = (iso: string) => time.format(new Date(iso));
export const hourText = (iso: string) => hour.format(new Date(iso));
export const dayText = (iso: string) => day.format(new Date(iso));

/** "in 23 hours", "tomorrow" */
export function untilText(iso: string, now = Date.now()): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  if (Math.abs(seconds) < 3600) return relative.format(Math.round(seconds / 60), "minute");
  if (Math.abs(seconds) < 48 * 3600) return relative.format(Math.round(seconds / 3600), "hour");
  return relative.format(Math.round(seconds / 86_400), "day");
}

/** How many midnights ago it was, here. */
export function daysAgo(iso: string, now = new Date()): number {
  const midnight = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((midnight(now) - midnight(new Date(iso))) / 86_400_000);
}
