package io.consoul.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.messages.ContentBlock;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.StopReason;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.ProviderKind;
import io.consoul.testkit.Refusal;
import io.consoul.testkit.Script;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the providers' own clients understand is the real format; what Consoul is tested against has to be that. */
@ExtendWith(VertxExtension.class)
@DisplayName("The fake provider, read by the providers' own Java clients")
class OfficialClientsIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Script TOOLS = Script.toolCall("call_a1", "get_time", "{\"tz\":", "\"UTC\"}")
      .then(Script.toolCall("call_a2", "get_date", "{\"day\":1}"))
      .usage(12, 5);

  private FakeProvider fake;
  private OpenAIClient openAi;
  private AnthropicClient anthropic;

  @BeforeEach
  void start(Vertx vertx) throws Exception {
    fake = FakeProvider.start(vertx).await(20, TimeUnit.SECONDS).key("the-key");
    openAi = OpenAIOkHttpClient.builder()
        .baseUrl(fake.baseUrl())
        .apiKey("the-key")
        .maxRetries(0)
        .timeout(LIMIT)
        .build();
    anthropic = AnthropicOkHttpClient.builder()
        .baseUrl(fake.baseUrl(ProviderKind.ANTHROPIC))
        .apiKey("the-key")
        .maxRetries(0)
        .timeout(LIMIT)
        .build();
  }

  @AfterEach
  void end() throws Exception {
    openAi.close();
    anthropic.close();
    fake.close().await(20, TimeUnit.SECONDS);
  }

  @Test
  @DisplayName("OpenAI's reads text and usage, as one answer and as a stream")
  void openAiText() {
    fake.answer(Script.text("Bon", "jour 🙂").usage(19, 10).cachedTokens(4));

    for (ChatCompletion answer : List.of(whole(), streamed())) {
      ChatCompletion.Choice choice = answer.choices().get(0);
      assertThat(choice.message().content()).contains("Bonjour 🙂");
      assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
      assertThat(answer.usage().orElseThrow().promptTokens()).isEqualTo(19);
      assertThat(answer.usage().orElseThrow().completionTokens()).isEqualTo(10);
      assertThat(
              answer.usage().orElseThrow().promptTokensDetails().orElseThrow().cachedTokens())
          .contains(4L);
    }
  }

  @Test
  @DisplayName("OpenAI's reads tool calls, also when their fragments come in turn")
  void openAiTools() {
    for (Script script : List.of(TOOLS, TOOLS.interleaved())) {
      fake.answer(script);
      for (ChatCompletion answer : List.of(whole(), streamed())) {
        ChatCompletion.Choice choice = answer.choices().get(0);
        assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.TOOL_CALLS);
        assertThat(choice.message().toolCalls().orElseThrow())
            .extracting(call -> call.asFunction().id() + " "
                + call.asFunction().function().name() + " "
                + call.asFunction().function().arguments())
            .containsExactly("call_a1 get_time {\"tz\":\"UTC\"}", "call_a2 get_date {\"day\":1}");
      }
    }
  }

  @Test
  @DisplayName("OpenAI's has the exception for every refusal, and for an error within a stream")
  void openAiErrors() {
    Map<Refusal, Class<?>> exceptions = Map.of(
        Refusal.RATE_LIMITED, com.openai.errors.RateLimitException.class,
        Refusal.SERVER_ERROR, com.openai.errors.InternalServerException.class,
        Refusal.FORBIDDEN, com.openai.errors.PermissionDeniedException.class,
        Refusal.NO_SUCH_MODEL, com.openai.errors.NotFoundException.class,
        Refusal.CONTEXT, com.openai.errors.BadRequestException.class);
    exceptions.forEach((refusal, exception) -> {
      fake.answer(Script.refusal(refusal));
      assertThatThrownBy(this::whole).isInstanceOf(exception);
      assertThatThrownBy(this::streamed).isInstanceOf(exception);
    });
    fake.answer(Script.refusal(Refusal.CONTEXT));
    com.openai.errors.OpenAIServiceException context =
        (com.openai.errors.OpenAIServiceException) catchThrowable(this::whole);
    assertThat(context.code()).contains("context_length_exceeded");
    assertThat(context.type()).contains("invalid_request_error");
    assertThat(context.headers().values("x-request-id")).isNotEmpty();
    fake.answer(Script.text("a", "b").errorEventAfter(1));
    assertThatThrownBy(this::streamed).isInstanceOf(com.openai.errors.SseException.class);
    fake.key("another");
    assertThatThrownBy(this::whole).isInstanceOf(com.openai.errors.UnauthorizedException.class);
  }

  @Test
  @DisplayName("OpenAI's lists the models")
  void openAiModels() {
    assertThat(openAi.models().list().data()).extracting(model -> model.id()).contains("fake");
  }

  @Test
  @DisplayName("Anthropic's reads text and usage, as one answer and as a stream")
  void anthropicText() {
    fake.answer(Script.text("Bon", "jour 🙂").usage(19, 10).cachedTokens(4));

    for (Message answer : List.of(wholeMessage(), streamedMessage())) {
      assertThat(text(answer)).isEqualTo("Bonjour 🙂");
      assertThat(answer.stopReason()).contains(StopReason.END_TURN);
      assertThat(answer.usage().inputTokens()).isEqualTo(15);
      assertThat(answer.usage().cacheReadInputTokens()).contains(4L);
      assertThat(answer.usage().outputTokens()).isEqualTo(10);
    }
  }

  @Test
  @DisplayName("Anthropic's reads thoughts, text and tool calls, each as a block of its own")
  void anthropicTools() {
    fake.answer(Script.reasoning("h", "m").then(Script.text("I'll ", "look.")).then(TOOLS));

    for (Message answer : List.of(wholeMessage(), streamedMessage())) {
      assertThat(answer.stopReason()).contains(StopReason.TOOL_USE);
      assertThat(answer.content().get(0).asThinking().thinking()).isEqualTo("hm");
      assertThat(answer.content().get(0).asThinking().signature()).isNotEmpty();
      assertThat(text(answer)).isEqualTo("I'll look.");
      assertThat(answer.content().stream().flatMap(block -> block.toolUse().stream()))
          .extracting(
              call -> call.id() + " " + call.name() + " " + call._input().convert(Map.class))
          .containsExactly("call_a1 get_time {tz=UTC}", "call_a2 get_date {day=1}");
    }
  }

  @Test
  @DisplayName("Anthropic's reads tool calls whose fragments come in turn")
  void anthropicInterleaved() {
    fake.answer(TOOLS.interleaved());

    assertThat(streamedMessage().content())
        .extracting(block -> block.asToolUse()._input().convert(Map.class).toString())
        .containsExactly("{tz=UTC}", "{day=1}");
  }

  @Test
  @DisplayName("Anthropic's has the exception for every refusal, and for an error within a stream")
  void anthropicErrors() {
    Map<Refusal, Class<?>> exceptions = Map.of(
        Refusal.RATE_LIMITED, com.anthropic.errors.RateLimitException.class,
        Refusal.QUOTA, com.anthropic.errors.PaymentRequiredException.class,
        Refusal.SERVER_ERROR, com.anthropic.errors.InternalServerException.class,
        Refusal.OVERLOADED, com.anthropic.errors.OverloadedException.class,
        Refusal.FORBIDDEN, com.anthropic.errors.PermissionDeniedException.class,
        Refusal.NO_SUCH_MODEL, com.anthropic.errors.NotFoundException.class,
        Refusal.CONTEXT, com.anthropic.errors.BadRequestException.class);
    exceptions.forEach((refusal, exception) -> {
      fake.answer(Script.refusal(refusal));
      assertThatThrownBy(this::wholeMessage).isInstanceOf(exception);
      assertThatThrownBy(this::streamedMessage).isInstanceOf(exception);
    });
    fake.answer(Script.refusal(Refusal.OVERLOADED));
    com.anthropic.errors.AnthropicServiceException overloaded =
        (com.anthropic.errors.AnthropicServiceException) catchThrowable(this::wholeMessage);
    assertThat(overloaded.type().orElseThrow().asString()).isEqualTo("overloaded_error");
    assertThat(overloaded.requestId()).isPresent();
    fake.answer(Script.text("a", "b").errorEventAfter(1));
    assertThatThrownBy(this::streamedMessage).isInstanceOf(com.anthropic.errors.SseException.class);
    fake.key("another");
    assertThatThrownBy(this::wholeMessage)
        .isInstanceOf(com.anthropic.errors.UnauthorizedException.class);
  }

  @Test
  @DisplayName("Anthropic's gets the rest of an answer that it has begun, or the refusal of it")
  void anthropicPrefill() {
    fake.answer(
        Script.text("Once ", "upon a", " time"), Script.text("Once upon a time").refusesPrefill());
    MessageCreateParams begun =
        message("Tell.").toBuilder().addAssistantMessage("Once upon").build();

    assertThat(text(anthropic.messages().create(begun))).isEqualTo(" a time");
    assertThatThrownBy(() -> anthropic.messages().create(begun))
        .isInstanceOf(com.anthropic.errors.BadRequestException.class)
        .hasMessageContaining("prefill");
  }

  @Test
  @DisplayName("Anthropic's lists the models")
  void anthropicModels() {
    assertThat(anthropic.models().list().data()).extracting(model -> model.id()).contains("fake");
  }

  private ChatCompletion whole() {
    return openAi.chat().completions().create(question());
  }

  private ChatCompletion streamed() {
    ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
    try (com.openai.core.http.StreamResponse<ChatCompletionChunk> events =
        openAi.chat().completions().createStreaming(question())) {
      events.stream().forEach(accumulator::accumulate);
    }
    return accumulator.chatCompletion();
  }

  private static ChatCompletionCreateParams question() {
    return ChatCompletionCreateParams.builder()
        .model("fake")
        .addDeveloperMessage("Be brief.")
        .addUserMessage("hi")
        .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
        .build();
  }

  private Message wholeMessage() {
    return anthropic.messages().create(message("hi"));
  }

  private Message streamedMessage() {
    MessageAccumulator accumulator = MessageAccumulator.create();
    try (StreamResponse<RawMessageStreamEvent> events =
        anthropic.messages().createStreaming(message("hi"))) {
      events.stream().forEach(accumulator::accumulate);
    }
    return accumulator.message();
  }

  private static MessageCreateParams message(String text) {
    return MessageCreateParams.builder()
        .model("fake")
        .maxTokens(100)
        .system("Be brief.")
        .addUserMessage(text)
        .build();
  }

  private static String text(Message message) {
    return message.content().stream()
        .filter(ContentBlock::isText)
        .map(block -> block.asText().text())
        .collect(Collectors.joining());
  }
}
