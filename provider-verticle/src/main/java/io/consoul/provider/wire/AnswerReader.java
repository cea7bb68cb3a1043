package io.consoul.provider.wire;

import io.vertx.core.buffer.Buffer;

/** Reads one streamed response, whose bytes may be cut anywhere. Fed byte by byte it comes to the same as fed at once. */
public interface AnswerReader {

  /** @throws Overflow when the rest cannot be read */
  void feed(Buffer chunk);

  /** Nothing more comes. */
  void end();

  /** What was read so far. */
  Reading reading();
}
