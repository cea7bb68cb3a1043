package io.consoul.gateway.openai;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.consoul.fault.FaultException;
import io.consoul.gateway.json.JsonBytes;
import io.consoul.message.Aside;
import io.consoul.message.FinishReason;
import io.consoul.message.Usage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;

/**
 * Writes one answer as OpenAI streams it. This is the way of every token: what all chunks of a stream share is made once, and a
 * text goes straight from its string to the bytes of the wire.
 */
public final class ChunkWriter {

  private static final byte[] DELTA = bytes(",\"delta\":{");
  private static final byte[] ROLE = bytes("\"role\":\"assistant\",\"content\":\"\"");
  private static final byte[] ROLE_OF_CALLS = bytes("\"role\":\"assistant\",\"content\":null");
  private static final byte[] CONTENT = bytes("\"content\":\"");
  private static final byte[] REASONING = bytes("\"reasoning_content\":\"");
  private static final byte[] CALL = bytes("\"tool_calls\":[{\"index\":");
  private static final byte[] CALL_ID = bytes(",\"id\":\"");
  private static final byte[] CALL_FUNCTION = bytes(",\"function\":{");
  private static final byte[] CALL_FUNCTION_FIRST =
      bytes("\",\"type\":\"function\",\"function\":{");
  private static final byte[] CALL_NAME = bytes("\"name\":\"");
  private static final byte[] CALL_ARGUMENTS = bytes("\"arguments\":\"");
  private static final byte[] CALL_END = bytes("\"}}]");
  private static final byte[] QUOTE = bytes("\"");
  private static final byte[] NEXT = bytes("\",");
  private static final byte[] UNFINISHED = bytes("},\"logprobs\":null,\"finish_reason\":null}]");
  private static final byte[] FINISHED = bytes("},\"logprobs\":null,\"finish_reason\":\"");
  private static final byte[] OURS = bytes("\",\"native_finish_reason\":\"");
  private static final byte[] CHOICE_END = bytes("\"}]");
  private static final byte[] DONE = bytes("data: [DONE]\n\n");

  private final byte[] prefix;
  private final byte[] choice;
  private final byte[] suffix;
  private final boolean tellsUsage;
  private final JsonBytes out = new JsonBytes();

  /**
   * @param created in seconds since 1970
   * @param tellsUsage whether the client wants to know it: then every chunk has the field
   */
  public ChunkWriter(String id, long created, String model, boolean tellsUsage) {
    this.prefix = bytes("data: {\"id\":" + Json.encode(id)
        + ",\"object\":\"chat.completion.chunk\",\"created\":" + created + ",\"model\":"
        + Json.encode(model) + ",\"choices\":[");
    this.choice = bytes(new String(prefix, UTF_8) + "{\"index\":");
    this.suffix = bytes((tellsUsage ? ",\"usage\":null" : "") + "}\n\n");
    this.tellsUsage = tellsUsage;
  }

  /** The first chunk of a choice. */
  public void role(int index, boolean beforeCalls) {
    begin(index).put(beforeCalls ? ROLE_OF_CALLS : ROLE);
    end();
  }

  public void text(int index, String text) {
    begin(index).put(CONTENT).escape(text).put(QUOTE);
    end();
  }

  public void aside(int index, Aside aside) {
    if (aside instanceof Aside.ToolCall call) {
      call(index, call);
    } else {
      begin(index).put(REASONING).escape(((Aside.Reasoning) aside).text()).put(QUOTE);
      end();
    }
  }

  /** @param more fields of ours beside OpenAI's */
  public void finish(int index, FinishReason reason, JsonObject more) {
    begin(index).put(FINISHED).put(bytes(FinishWord.of(reason)));
    if (FinishWord.isOurs(reason)) {
      out.put(OURS).put(bytes(reason.wireName()));
    }
    out.put(CHOICE_END);
    if (!more.isEmpty()) {
      String members = more.encode();
      out.put(bytes("," + members.substring(1, members.length() - 1)));
    }
    out.put(suffix);
  }

  /** After all choices have finished; the last chunk. */
  public void done(Usage usage) {
    if (tellsUsage) {
      out.put(prefix).put(bytes("],\"usage\":" + OpenAiUsage.json(usage).encode() + "}\n\n"));
    }
    out.put(DONE);
  }

  /** In place of {@link #done}. */
  public static Buffer failure(FaultException failure) {
    return Buffer.buffer("data: " + OpenAiError.body(failure).encode() + "\n\n");
  }

  public boolean isEmpty() {
    return out.isEmpty();
  }

  /** What was written since the last call. */
  public Buffer take() {
    return out.take();
  }

  private void call(int index, Aside.ToolCall call) {
    begin(index).put(CALL).put(call.index());
    if (call.id() == null) {
      out.put(CALL_FUNCTION);
    } else {
      out.put(CALL_ID).escape(call.id()).put(CALL_FUNCTION_FIRST);
    }
    if (call.name() != null) {
      out.put(CALL_NAME).escape(call.name()).put(NEXT);
    }
    out.put(CALL_ARGUMENTS).escape(call.arguments()).put(CALL_END);
    end();
  }

  private JsonBytes begin(int index) {
    return out.put(choice).put(index).put(DELTA);
  }

  private void end() {
    out.put(UNFINISHED).put(suffix);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
