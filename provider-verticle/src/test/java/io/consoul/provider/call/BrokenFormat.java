package io.consoul.provider.call;

import io.consoul.config.Secret;
import io.consoul.provider.Completion;
import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.openai.OpenAiFormat;
import io.consoul.provider.wire.AnswerReader;
import io.consoul.provider.wire.Failures;
import io.consoul.provider.wire.Reading;
import io.consoul.provider.wire.WireFormat;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;

/** Writes requests, but for the text "unwritable", and fails at whatever comes back. */
final class BrokenFormat implements WireFormat {

  private final WireFormat sound = new OpenAiFormat(false);

  @Override
  public String endpoint(Completion completion) {
    return sound.endpoint(completion);
  }

  @Override
  public void headers(MultiMap headers, Secret apiKey) {
    sound.headers(headers, apiKey);
  }

  @Override
  public Buffer body(Completion completion) {
    if (completion.history().get(0).content().equals("unwritable")) {
      throw new IllegalStateException();
    }
    return sound.body(completion);
  }

  @Override
  public boolean isStream(String contentType) {
    return true;
  }

  @Override
  public AnswerReader reader(Failures failures) {
    Reading reading = new Reading(failures);
    return new AnswerReader() {
      @Override
      public void feed(Buffer chunk) {
        throw new IllegalStateException();
      }

      @Override
      public void end() {
        throw new IllegalStateException();
      }

      @Override
      public Reading reading() {
        return reading;
      }
    };
  }

  @Override
  public UpstreamFailure refusal(Failures failures, int status, MultiMap headers, Buffer body) {
    throw new IllegalStateException();
  }
}
