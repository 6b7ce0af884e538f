/** A bar with its name; the number beside it is for the eyes. */
export function Progress({
  label,
  percent,
  tone = "accent",
}: {
  label: string;
  percent: number;
  tone?: "accent" | "soft";
}) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(percent)}
      className="h-2 overflow-hidden rounded-full bg-sunken"
    >
      <div
        className={`h-full origin-left rounded-full transition-transform duration-200 rtl:origin-right ${
          tone === "accent" ? "bg-accent" : "bg-edge"
        }`}
        style={{ transform: `scaleX(${Math.min(100, percent) / 100})` }}
      />
    </div>
  );
}
