import { Link } from "@tanstack/react-router";

/** Leads to a person of whom only the id is known. */
export function PersonLink({ userId }: { userId: string }) {
  return (
    <Link to="/admin/users/$userId" params={{ userId }} className="link font-mono text-sm">
      {userId.slice(0, 8)}
    </Link>
  );
}
