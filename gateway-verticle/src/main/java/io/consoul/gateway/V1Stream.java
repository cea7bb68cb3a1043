package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.gateway.openai.ChunkWriter;
import io.consoul.message.Aside;
import io.consoul.message.FinishReason;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.stream.IntStream;

/**
 * An answer on /v1 as OpenAI streams it. What comes together leaves together: pieces that the event loop has in hand go out in one
 * write.
 */
final class V1Stream implements V1Answer {

  private static final String ID = "chatcmpl-";

  private final Vertx vertx;
  private final SseResponse response;
  private final long created;
  private final boolean tellsUsage;
  private final int choices;
  private ChunkWriter chunks;
  private boolean introduced;
  private boolean flushing;

  /** @param tellsUsage whether the client wants to know what the answer cost */
  V1Stream(Vertx vertx, SseResponse response, long created, int choices, boolean tellsUsage) {
    this.vertx = vertx;
    this.response = response;
    this.created = created;
    this.choices = choices;
    this.tellsUsage = tellsUsage;
  }

  /** The answer's name, from which its turn can be told. */
  static String id(TurnId turn) {
    return ID + turn.value();
  }

  @Override
  public boolean isWritable() {
    return response.isWritable();
  }

  @Override
  public void begun(TurnId turn, String model) {
    if (chunks == null) {
      chunks = new ChunkWriter(id(turn), created, model, tellsUsage);
    }
  }

  @Override
  public void text(int choice, String piece) {
    if (!piece.isEmpty()) {
      introduce(false);
      chunks.text(choice, piece);
      flushSoon();
    }
  }

  @Override
  public void aside(int choice, Aside aside) {
    introduce(aside instanceof Aside.ToolCall);
    chunks.aside(choice, aside);
    flushSoon();
  }

  @Override
  public boolean cutBack(int length) {
    failed(
        Fault.LLM_UNAVAILABLE.retryAfter(
            1,
            "The answer went on from a place before what was sent already. It is stored with its session; repeat the request under its Idempotency-Key for all of it."));
    return false;
  }

  @Override
  public void finished(int choice, FinishReason reason, JsonObject more) {
    introduce(false);
    chunks.finish(choice, reason, more);
    flushSoon();
  }

  @Override
  public void completed(Usage usage) {
    chunks.done(usage);
    response.end(chunks.take());
  }

  @Override
  public void failed(FaultException failure) {
    if (!response.isBegun()) {
      response.fail(failure);
      return;
    }
    flush();
    response.end(ChunkWriter.failure(failure), failure);
  }

  /** All choices together: a client may take it for the end when those have finished that it has heard of. */
  private void introduce(boolean beforeCalls) {
    if (!introduced) {
      introduced = true;
      IntStream.range(0, choices).forEach(choice -> chunks.role(choice, beforeCalls));
    }
  }

  private void flushSoon() {
    if (!flushing) {
      flushing = true;
      vertx.runOnContext(next -> flush());
    }
  }

  private void flush() {
    flushing = false;
    if (chunks != null && !chunks.isEmpty()) {
      response.write(chunks.take());
    }
  }
}
