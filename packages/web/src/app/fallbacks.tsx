import { Link } from "@tanstack/react-router";
import { text } from "../text.ts";
import { Button } from "../ui/button.tsx";
import { Message } from "../ui/message.tsx";
import { useTitle } from "./use-title.ts";

export function NotFound() {
  useTitle(text.notFound.heading);
  return (
    <Message level={1} heading={text.notFound.heading} body={text.notFound.body}>
      <Link to="/" className="button button-main">
        {text.notFound.home}
      </Link>
    </Message>
  );
}

export function Crashed() {
  return (
    <Message level={1} heading={text.crashed.heading} body={text.crashed.body}>
      <Button look="main" onClick={() => location.reload()}>
        {text.crashed.reload}
      </Button>
    </Message>
  );
}
