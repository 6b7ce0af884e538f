export type PageOrigins = {
  /** Where the page reads from and writes to beside its own origin: the storage, and who signs people in. */
  connect: readonly string[];
  /** Where audio, video and pictures are played and shown from. */
  media: readonly string[];
};

/** What every file of the page is served with, by the CDN and on a laptop alike. */
export function pageHeaders({ connect, media }: PageOrigins): Record<string, string> {
  const from = (origins: readonly string[]) => ["'self'", ...origins].join(" ");
  return {
    "content-security-policy": [
      "default-src 'self'",
      `connect-src ${from(connect)}`,
      `img-src ${from(media)} blob: data:`,
      `media-src ${from(media)} blob:`,
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ].join("; "),
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  };
}
