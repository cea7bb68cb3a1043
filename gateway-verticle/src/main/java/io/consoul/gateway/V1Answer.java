package io.consoul.gateway;

import io.consoul.fault.FaultException;
import io.consoul.message.Aside;
import io.consoul.message.FinishReason;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.vertx.core.json.JsonObject;

/** How the choices of one answer are told on /v1: whole, or as they come. */
interface V1Answer {

  /** Whether more may come now. */
  boolean isWritable();

  /** Before anything of the answer; again where it is known better who answers. */
  void begun(TurnId turn, String model);

  void text(int choice, String piece);

  void aside(int choice, Aside aside);

  /**
   * What was said behind this place does not count.
   *
   * @return false where the client has it already and cannot be told; then the answer has failed
   */
  boolean cutBack(int length);

  /** @param more fields of ours beside OpenAI's */
  void finished(int choice, FinishReason reason, JsonObject more);

  /** The last call: all choices have finished. */
  void completed(Usage usage);

  /** The last call. */
  void failed(FaultException failure);
}
