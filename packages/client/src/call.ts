import type { api, OperationName } from "@t2m/contract/api";
import type * as z from "zod/mini";

type Api = typeof api;

// A parameter that is text on the wire may be given as what the text stands for: a part's number, a page's limit.
type Loose<In, Out> = {
  [Key in keyof In]: Key extends keyof Out
    ? Extract<In[Key], string> extends never
      ? In[Key]
      : In[Key] | Out[Key]
    : In[Key];
};
type InputOf<Shape> = Shape extends z.ZodMiniType ? Loose<z.input<Shape>, z.output<Shape>> : never;
type Named<Name extends string, Value> = [Value] extends [never]
  ? unknown
  : Record<never, never> extends Value
    ? { [Key in Name]?: Value }
    : { [Key in Name]: Value };
type PartOf<Route, Key extends string> = Route extends { [K in Key]: infer Shape } ? InputOf<Shape> : never;
type BodyOf<Route> = Route extends { body: infer Shape extends z.ZodMiniType } ? z.input<Shape> : never;

type Options = {
  signal?: AbortSignal;
};
type KeyOption<Route> = Route extends { idempotent: true }
  ? {
      /** Made up where absent, so that a call may be sent again when its answer was lost. */
      idempotencyKey?: string;
    }
  : unknown;

/** What a call of an operation takes. */
export type CallOf<Name extends OperationName> = Named<"params", PartOf<Api[Name]["route"], "params">> &
  Named<"query", PartOf<Api[Name]["route"], "query">> &
  Named<"body", BodyOf<Api[Name]["route"]>> &
  KeyOption<Api[Name]["route"]> &
  Options;

/** What it answers: parsed by the contract's own shape. */
export type ReplyOf<Name extends OperationName> = Api[Name] extends {
  response: infer Shape extends z.ZodMiniType;
}
  ? z.output<Shape>
  : undefined;

/** Nothing need be said where everything may be absent. */
export type ArgumentsOf<Name extends OperationName> =
  Record<never, never> extends CallOf<Name> ? [call?: CallOf<Name>] : [call: CallOf<Name>];

/** Any call, as the code that sends it sees it. */
export type AnyCall = {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
  idempotencyKey?: string;
  signal?: AbortSignal;
  headers?: Record<string, string>;
};
