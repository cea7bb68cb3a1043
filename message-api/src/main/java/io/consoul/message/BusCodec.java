package io.consoul.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;
import io.vertx.core.json.JsonObject;

/**
 * One codec for all messages. Its frame: version (byte), name length (byte), name, body length (int), body. These five
 * never change, so that every node can read past what it does not understand.
 *
 * <ul>
 *   <li>Version 1: the body is JSON.
 *   <li>Version 2: as 1, but a {@link Delta} is {@code fence (long), listener (long), offset (int), turn length (short),
 *       turn, text}: one goes out for every piece of every answer.
 *   <li>Version 3: as 2; who reads it understands a resumption. Nothing else is written in it.
 * </ul>
 *
 * A node writes version 2 where all nodes it has heard of read it (see {@link Hello#frameVersion}), else 1. What a reader of
 * these would take for something else is written in the version that says so, and refused by those who do not read it.
 */
public final class BusCodec implements MessageCodec<BusMessage, BusMessage> {

  /** Never changes: a node that lacks a codec's name refuses the message before anyone can read it. */
  public static final String NAME = "consoul";

  /** The newest frame that this node reads. */
  public static final int NEWEST_VERSION = 3;

  /** Who reads these goes on with an answer that another one has begun, and does not begin it anew. */
  public static final int RESUMING = 3;

  private static final int JSON_ONLY = 1;
  private static final int COMPACT = 2;

  private volatile int written = COMPACT;

  /** Writes no newer version from now on than this one, but for what can only be said in a newer one. */
  public void write(int version) {
    written = Math.max(JSON_ONLY, Math.min(version, COMPACT));
  }

  @Override
  public void encodeToWire(Buffer wire, BusMessage message) {
    int version = version(message);
    byte[] name = message.wireType().wireName().getBytes(UTF_8);
    Buffer body = version > JSON_ONLY && message instanceof Delta delta
        ? compact(delta)
        : message.toJson().toBuffer();
    wire.appendByte((byte) version)
        .appendByte((byte) name.length)
        .appendBytes(name)
        .appendInt(body.length())
        .appendBuffer(body);
  }

  @Override
  public BusMessage decodeFromWire(int position, Buffer wire) {
    int version = 0;
    String name = "";
    try {
      version = wire.getUnsignedByte(position);
      int nameStart = position + 2;
      int nameEnd = nameStart + wire.getUnsignedByte(position + 1);
      name = wire.getString(nameStart, nameEnd);
      WireType type = WireType.named(name);
      if (version > NEWEST_VERSION || type == WireType.UNKNOWN) {
        return new Unknown(name, version);
      }
      int bodyStart = nameEnd + Integer.BYTES;
      int bodyEnd = bodyStart + wire.getInt(nameEnd);
      return version > JSON_ONLY && type == WireType.TURN_DELTA
          ? readCompact(wire, bodyStart, bodyEnd)
          : type.read(new JsonObject(wire.getBuffer(bodyStart, bodyEnd)));
    } catch (RuntimeException garbled) {
      // Thrown here it would reach nobody who can answer the sender.
      return new Unknown(name, version);
    }
  }

  private int version(BusMessage message) {
    if (message instanceof AnswerTurn order && order.resumption() != null) {
      return RESUMING;
    }
    // A hello is how nodes learn of each other's versions, so everybody must be able to read it.
    return message instanceof Hello ? JSON_ONLY : written;
  }

  private static Buffer compact(Delta delta) {
    byte[] turn = delta.turn().value().getBytes(UTF_8);
    return Buffer.buffer()
        .appendLong(delta.fence())
        .appendLong(delta.listenerId())
        .appendInt(delta.offset())
        .appendShort((short) turn.length)
        .appendBytes(turn)
        .appendString(delta.text());
  }

  private static Delta readCompact(Buffer wire, int start, int end) {
    int offset = start + Long.BYTES + Long.BYTES;
    int turnStart = offset + Integer.BYTES + Short.BYTES;
    int turnEnd = turnStart + wire.getUnsignedShort(turnStart - Short.BYTES);
    return new Delta(
        TurnId.parse(wire.getString(turnStart, turnEnd)),
        wire.getLong(start + Long.BYTES),
        wire.getLong(start),
        wire.getInt(offset),
        wire.getString(turnEnd, end));
  }

  /** Messages are immutable: inside one JVM the receiver gets the sender's object. */
  @Override
  public BusMessage transform(BusMessage message) {
    return message;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public byte systemCodecID() {
    return -1;
  }
}
