import { useEffect, useState } from "react";

const afterMs = 250;

/** A value once it has not changed for a moment: not every letter is a question to the service. */
export function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), afterMs);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
