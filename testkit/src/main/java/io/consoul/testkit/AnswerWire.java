package io.consoul.testkit;

import java.util.List;

/** One answer in a wire format: its events as they stand on the wire, or the whole of it. */
interface AnswerWire {

  /** Of a streamed answer. */
  String contentType();

  /** How many events bring something of the answer; there may be fewer than the script has pieces. */
  int pieces();

  /** What comes before the first piece; empty where nothing does. */
  String opening();

  String piece(int index);

  /** What follows the last piece. */
  List<String> closing();

  /** An event whose JSON is broken off. */
  String malformed();

  /** An error under status 200, in a stream. */
  String errorEvent();

  /** An error under status 200, in place of a whole answer. */
  String inBandError();

  /** The answer to a request that does not stream. */
  String whole();
}
