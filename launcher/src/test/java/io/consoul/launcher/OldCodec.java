package io.consoul.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;
import io.vertx.core.json.JsonObject;
import java.util.Set;

/**
 * The frames of versions 1 and 2, written and read as a node of that time did: by nothing of today's code, so that a change of
 * that one shows. It knows no message that has come since, and takes no notice of keys that it does not know.
 */
final class OldCodec implements MessageCodec<OldMessage, OldMessage> {

  static final int NEWEST = 2;

  private static final String DELTA = "turn.delta";

  private static final Set<String> KNOWN = Set.of(
      "turn.begin",
      "turn.attach",
      "turn.replayed",
      "batch.end",
      "turn.cancel",
      "turn.cancelled",
      "turn.queued",
      "turn.accepted",
      "turn.answer",
      "turn.answering",
      "turn.stop",
      "turn.stopped",
      DELTA,
      "turn.asides",
      "turn.alive",
      "turn.completed",
      "turn.failed",
      "turn.credit",
      "turn.detach",
      "turn.follow",
      "turn.following",
      "turn.progress",
      "turn.renewed",
      "turn.seal",
      "turn.sealed",
      "turn.abort",
      "turn.aborted",
      "session.get",
      "session.info",
      "store.changed",
      "hello",
      "failed");

  private final int written;

  OldCodec(int written) {
    this.written = written;
  }

  @Override
  public void encodeToWire(Buffer wire, OldMessage message) {
    if (message.raw() != null) {
      wire.appendBuffer(message.raw());
      return;
    }
    int version = message.is("hello") ? 1 : written;
    Buffer body = version == NEWEST && message.is(DELTA)
        ? compact(message.body())
        : message.body().toBuffer();
    wire.appendBuffer(frame(version, message.type(), body));
  }

  static Buffer frame(int version, String type, Buffer body) {
    return Buffer.buffer()
        .appendByte((byte) version)
        .appendByte((byte) type.length())
        .appendString(type)
        .appendInt(body.length())
        .appendBuffer(body);
  }

  @Override
  public OldMessage decodeFromWire(int position, Buffer wire) {
    int version = wire.getUnsignedByte(position);
    int nameEnd = position + 2 + wire.getUnsignedByte(position + 1);
    String type = wire.getString(position + 2, nameEnd);
    if (version > NEWEST || !KNOWN.contains(type)) {
      return new OldMessage(
          OldMessage.UNKNOWN, new JsonObject().put("name", type).put("frame_version", version));
    }
    int start = nameEnd + 4;
    Buffer body = wire.getBuffer(start, start + wire.getInt(nameEnd));
    return new OldMessage(
        type, version == NEWEST && type.equals(DELTA) ? readCompact(body) : new JsonObject(body));
  }

  private static Buffer compact(JsonObject delta) {
    byte[] turn = delta.getString("turn").getBytes(UTF_8);
    return Buffer.buffer()
        .appendLong(delta.getLong("fence"))
        .appendLong(delta.getLong("listener_id", 0L))
        .appendInt(delta.getInteger("offset"))
        .appendShort((short) turn.length)
        .appendBytes(turn)
        .appendString(delta.getString("text"));
  }

  private static JsonObject readCompact(Buffer body) {
    int turnEnd = 22 + body.getUnsignedShort(20);
    return new JsonObject()
        .put("fence", body.getLong(0))
        .put("listener_id", body.getLong(8))
        .put("offset", body.getInt(16))
        .put("turn", body.getString(22, turnEnd))
        .put("text", body.getString(turnEnd, body.length()));
  }

  @Override
  public OldMessage transform(OldMessage message) {
    return message;
  }

  @Override
  public String name() {
    return "consoul";
  }

  @Override
  public byte systemCodecID() {
    return -1;
  }
}
