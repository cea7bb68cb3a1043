package io.consoul.gateway;

import io.consoul.fault.FaultException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocketFrame;

/**
 * Puts the frames of one socket together into messages. Vert.x has its own way, which drops messages that are too long
 * without a word and lets malformed UTF-8 pass.
 */
final class SocketMessages {

  /** Longest message, and longest frame. */
  static final int MAX_BYTES = 256 * 1024;

  /** What becomes of the messages. */
  interface Receiver {

    void text(String text);

    void binary();

    /** The connection cannot go on, for this reason of RFC 6455. */
    void broken(int closeCode, String reason);
  }

  static final int INVALID_PAYLOAD = 1007;
  static final int TOO_BIG = 1009;

  private final Receiver receiver;
  private Buffer message;
  private boolean text;
  private boolean broken;

  SocketMessages(Receiver receiver) {
    this.receiver = receiver;
  }

  void frame(WebSocketFrame frame) {
    if (broken) {
      return;
    }
    if (frame.isText() || frame.isBinary()) {
      message = Buffer.buffer();
      text = frame.isText();
    } else if (!frame.isContinuation() || message == null) {
      return;
    }
    Buffer piece = frame.binaryData();
    if (message.length() + piece.length() > MAX_BYTES) {
      breakOff(TOO_BIG, "A message may have up to " + MAX_BYTES + " bytes");
      return;
    }
    message.appendBuffer(piece);
    if (frame.isFinal()) {
      Buffer whole = message;
      message = null;
      deliver(whole);
    }
  }

  private void deliver(Buffer whole) {
    if (!text) {
      receiver.binary();
      return;
    }
    String decoded;
    try {
      decoded = JsonText.utf8(whole);
    } catch (FaultException malformed) {
      breakOff(INVALID_PAYLOAD, "A text message must be valid UTF-8");
      return;
    }
    receiver.text(decoded);
  }

  private void breakOff(int closeCode, String reason) {
    broken = true;
    message = null;
    receiver.broken(closeCode, reason);
  }
}
