const sampleRateHz = 44_100;

/** A WAV with a tone in it: mono, 16 bits. */
export function toneWav(seconds: number): Buffer {
  const samples = seconds * sampleRateHz;
  const bytes = Buffer.alloc(44 + samples * 2);
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write("WAVEfmt ", 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(sampleRateHz, 24);
  bytes.writeUInt32LE(sampleRateHz * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write("data", 36);
  bytes.writeUInt32LE(samples * 2, 40);
  for (let sample = 0; sample < samples; sample++)
    bytes.writeInt16LE(
      Math.round(9_000 * Math.sin((sample / sampleRateHz) * 440 * 2 * Math.PI)),
      44 + sample * 2,
    );
  return bytes;
}
