/** SigV4's URI encoding: everything but the unreserved characters, in upper-case hex. */
export function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** As S3 encodes keys in listings (`encoding-type=url`). */
export const encodeKey = (key: string) => uriEncode(key).replaceAll("%2F", "/");

export const quoted = (etag: string) => `"${etag}"`;

export const unquoted = (etag: string) => etag.trim().replace(/^W\//, "").replace(/^"|"$/g, "");

export const isoTime = (milliseconds: number) => new Date(milliseconds).toISOString();
