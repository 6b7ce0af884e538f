import type { ComponentProps } from "react";

type Look = "main" | "plain" | "quiet" | "bad";

/** A button; `about` completes its name for those who hear it, as in "Pause song.wav". */
export function Button({
  look = "plain",
  small = false,
  about,
  className = "",
  children,
  ...rest
}: ComponentProps<"button"> & { look?: Look; small?: boolean; about?: string | undefined }) {
  return (
    <button
      type="button"
      className={`button button-${look} ${small ? "button-small" : ""} ${className}`}
      {...rest}
    >
      {children}
      {about && <span className="sr-only">{` ${about}`}</span>}
    </button>
  );
}
