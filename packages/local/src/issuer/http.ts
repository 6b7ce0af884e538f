import type { IncomingMessage, ServerResponse } from "node:http";
import { styleHash } from "./page.ts";

const maximumFormBytes = 64 * 1024;

/** The posted form, or undefined where it is too long to be one. Of a repeated field the first counts. */
export async function readForm(request: IncomingMessage): Promise<Record<string, string> | undefined> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8") as AsyncIterable<string>) {
    if (text.length <= maximumFormBytes) text += chunk;
  }
  return text.length > maximumFormBytes ? undefined : fieldsOf(new URLSearchParams(text));
}

export function fieldsOf(parameters: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...parameters].reverse());
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response
    .writeHead(status, { "content-type": "application/json", "cache-control": "no-store" })
    .end(JSON.stringify(body));
}

/** OAuth's error answer: https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
export function sendError(response: ServerResponse, error: string, description: string, status = 400): void {
  sendJson(response, status, { error, error_description: description });
}

/** `redirectOrigin`: where the page's form may lead, as browsers hold redirects to `form-action` too. */
export function sendPage(response: ServerResponse, status: number, html: string, redirectOrigin = ""): void {
  response
    .writeHead(status, {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": `default-src 'none'; style-src ${styleHash}; form-action 'self' ${redirectOrigin}; base-uri 'none'; frame-ancestors 'none'`,
      // Not `no-referrer`: with it browsers post the form with `Origin: null`.
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    })
    .end(html);
}

/** Whether a page of ours sent the request, or no page at all: browsers name the origin of every POST. */
export function isFromOurPage({ headers }: IncomingMessage): boolean {
  return headers.origin === undefined || headers.origin === `http://${headers.host}`;
}

const loopbackNames = ["127.0.0.1", "localhost", "[::1]"];

export function isLoopback(url: string | undefined): boolean {
  const parsed = URL.parse(url ?? "");
  return parsed !== null && /^https?:$/.test(parsed.protocol) && loopbackNames.includes(parsed.hostname);
}
