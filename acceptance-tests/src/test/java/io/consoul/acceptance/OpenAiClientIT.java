package io.consoul.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.SseException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.ResponseFormatJsonObject;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionFunctionTool;
import com.openai.models.chat.completions.ChatCompletionMessageToolCall;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.models.Model;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.ModelRequest;
import io.consoul.testkit.Ports;
import io.consoul.testkit.ProviderKind;
import io.consoul.testkit.Refusal;
import io.consoul.testkit.Script;
import io.consoul.testkit.ServerProcess;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Anthropic's client has nothing to talk to here: there is no /v1/messages. */
@DisplayName("OpenAI's own Java client, pointed at Consoul")
class OpenAiClientIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir
  private static Path directory;

  private static Vertx vertx;
  private static FakeProvider fake;
  private static ServerProcess server;
  private static OpenAIClient client;

  @BeforeAll
  static void start() throws Exception {
    vertx = Vertx.vertx();
    fake = FakeProvider.start(vertx).await(20, TimeUnit.SECONDS);
    int port = Ports.free();
    Map<String, String> environment = new HashMap<>(Map.of(
        "CONSOUL_PORT", "" + port,
        "CONSOUL_METRICS_PORT", "0",
        "CONSOUL_RATE_LIMIT_ENABLED", "false",
        "CONSOUL_CONF", Files.createDirectory(directory.resolve("conf")).toString(),
        "CONSOUL_ECHO_DELAY_MS", "1",
        "CONSOUL_PROVIDER_MAX_RETRIES", "0",
        "CONSOUL_MODEL_NAME", "openai/fake"));
    for (ProviderKind kind : ProviderKind.values()) {
      environment.put(kind.variable(), fake.baseUrl(kind));
    }
    server = ServerProcess.start(
        List.of(
            ServerProcess.java(), "-XX:+UseSerialGC", "-jar", System.getProperty("consoul.jar")),
        environment,
        directory);
    server.awaitLine("Ctrl-C stops", Duration.ofSeconds(180));
    client = OpenAIOkHttpClient.builder()
        .baseUrl("http://127.0.0.1:" + port + "/v1")
        .apiKey("any")
        .maxRetries(0)
        .timeout(LIMIT)
        .build();
  }

  @AfterAll
  static void end() {
    client.close();
    server.close();
    vertx.close();
  }

  private static String model(ProviderKind kind) {
    return switch (kind) {
      case OPENAI -> "openai/m1";
      case ANTHROPIC -> "anthropic/m1";
      case GEMINI -> "google/m1";
      case OLLAMA -> "ollama/m1";
    };
  }

  private static ChatCompletionCreateParams.Builder question(String model) {
    return ChatCompletionCreateParams.builder()
        .model(model)
        .addDeveloperMessage("Be brief.")
        .addUserMessage("hi")
        .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build());
  }

  private static ChatCompletion whole(ChatCompletionCreateParams question) {
    return client.chat().completions().create(question);
  }

  private static ChatCompletion streamed(ChatCompletionCreateParams question) {
    ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
    try (StreamResponse<ChatCompletionChunk> events =
        client.chat().completions().createStreaming(question)) {
      events.stream().forEach(accumulator::accumulate);
    }
    return accumulator.chatCompletion();
  }

  private static ModelRequest lastRequest() {
    List<ModelRequest> requests = fake.requests();
    return requests.get(requests.size() - 1);
  }

  @Test
  @DisplayName("lists the models, and finds each of them and no other")
  void models() {
    List<String> ids = client.models().list().data().stream().map(Model::id).toList();
    assertThat(ids).contains("openai/gpt-4.1-mini", "echo");
    for (String id : ids) {
      assertThat(client.models().retrieve(id).id()).isEqualTo(id);
    }
    assertThatThrownBy(() -> client.models().retrieve("nobody/nothing"))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  @DisplayName("talks to the built-in model")
  void echo() {
    for (ChatCompletion answer :
        List.of(whole(question("echo").build()), streamed(question("echo").build()))) {
      assertThat(answer.choices().get(0).message().content().orElseThrow()).endsWith("hi");
      assertThat(answer.usage().orElseThrow().completionTokens()).isPositive();
    }
  }

  @ParameterizedTest
  @DisplayName("reads text and usage of every kind of provider, as one answer and as a stream")
  @EnumSource
  void text(ProviderKind kind) {
    fake.script("m1", Script.text("Bon", "jour \"🙂\"\n").usage(19, 10));
    ChatCompletionCreateParams question = question(model(kind)).temperature(0.5).build();
    for (ChatCompletion answer : List.of(whole(question), streamed(question))) {
      ChatCompletion.Choice choice = answer.choices().get(0);
      assertThat(choice.message().content()).contains("Bonjour \"🙂\"\n");
      assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
      assertThat(answer.model()).isEqualTo("m1");
      assertThat(answer.usage().orElseThrow().promptTokens()).isEqualTo(19);
      assertThat(answer.usage().orElseThrow().completionTokens()).isEqualTo(10);
    }
    assertThat(lastRequest().kind()).isEqualTo(kind);
  }

  @ParameterizedTest
  @DisplayName("has a tool called by every kind of provider, and gives the result back")
  @EnumSource
  void tools(ProviderKind kind) {
    fake.script(
        "m1",
        Script.toolCall("call_a1", "get_time", "{\"tz\":", "\"UTC\"}"),
        Script.toolCall("call_a1", "get_time", "{\"tz\":", "\"UTC\"}"),
        Script.text("It is noon."));
    ChatCompletionCreateParams asked = question(model(kind))
        .addTool(ChatCompletionFunctionTool.builder()
            .function(FunctionDefinition.builder()
                .name("get_time")
                .parameters(FunctionParameters.builder()
                    .putAdditionalProperty("type", JsonValue.from("object"))
                    .build())
                .build())
            .build())
        .build();
    streamed(asked);
    ChatCompletion first = whole(asked);
    ChatCompletion.Choice choice = first.choices().get(0);
    assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.TOOL_CALLS);
    assertThat(choice.message().content()).isEmpty();
    ChatCompletionMessageToolCall call =
        choice.message().toolCalls().orElseThrow().get(0);
    assertThat(call.asFunction().function().name()).isEqualTo("get_time");
    assertThat(new JsonObject(call.asFunction().function().arguments()))
        .isEqualTo(new JsonObject().put("tz", "UTC"));

    ChatCompletion second = whole(asked.toBuilder()
        .addMessage(choice.message())
        .addMessage(ChatCompletionToolMessageParam.builder()
            .toolCallId(call.asFunction().id())
            .content("12:00")
            .build())
        .build());
    assertThat(second.choices().get(0).message().content()).contains("It is noon.");
    assertThat(lastRequest().body().encode()).contains("get_time", "12:00");
  }

  @Test
  @DisplayName("has its options go to the provider, those that only it knows too")
  void options() {
    fake.script("m1", Script.text("{}"));
    whole(question("openai/m1")
        .responseFormat(ResponseFormatJsonObject.builder().build())
        .topP(0.9)
        .stop("END")
        .putAdditionalBodyProperty("of_tomorrow", JsonValue.from(true))
        .build());
    JsonObject body = lastRequest().body();
    assertThat(body.getJsonObject("response_format").getString("type")).isEqualTo("json_object");
    assertThat(body.getDouble("top_p")).isEqualTo(0.9);
    assertThat(body.getString("stop")).isEqualTo("END");
    assertThat(body.getBoolean("of_tomorrow")).isTrue();
  }

  @Test
  @DisplayName("gets several choices of a provider that gives but one")
  void choices() {
    fake.script("m1", Script.text("an ", "answer").usage(5, 2));
    ChatCompletionCreateParams two = question("ollama/m1").n(2).build();
    for (ChatCompletion answer : List.of(whole(two), streamed(two))) {
      assertThat(answer.choices())
          .extracting(
              choice -> choice.index() + " " + choice.message().content().orElseThrow())
          .containsExactlyInAnyOrder("0 an answer", "1 an answer");
      assertThat(answer.usage().orElseThrow().completionTokens()).isEqualTo(4);
    }
  }

  @Test
  @DisplayName("goes on with a session")
  void session() {
    fake.script("m1", Script.echo());
    ChatCompletionCreateParams hello =
        question("openai/m1").putAdditionalHeader("X-Session-ID", "of-a-client").build();
    assertThat(whole(hello).choices().get(0).message().content()).isPresent();
    assertThat(streamed(hello).choices().get(0).message().content()).isPresent();
    assertThat(lastRequest().messages())
        .extracting(message -> message.getString("role"))
        .endsWith("user", "assistant", "user");
  }

  @Test
  @DisplayName("has the exception for everything that goes wrong, within a stream too")
  void errors() {
    OpenAIServiceException field = catchThrowableOfType(
        OpenAIServiceException.class,
        () -> whole(question("echo").logprobs(true).build()));
    assertThat(field).isInstanceOf(BadRequestException.class);
    assertThat(field.code()).contains("E003");
    assertThat(field.param()).contains("logprobs");
    assertThat(field.type()).contains("invalid_request_error");
    assertThat(field.headers().values("x-request-id")).isNotEmpty();
    Map<Refusal, Class<?>> exceptions = Map.of(
        Refusal.CONTEXT, BadRequestException.class,
        Refusal.NO_SUCH_MODEL, NotFoundException.class,
        Refusal.FORBIDDEN, InternalServerException.class);
    exceptions.forEach((refusal, exception) -> {
      fake.script("m1", Script.refusal(refusal));
      assertThatThrownBy(() -> whole(question("openai/m1").build())).isInstanceOf(exception);
      assertThatThrownBy(() -> streamed(question("openai/m1").build())).isInstanceOf(exception);
    });
    fake.script(
        "m1", Script.text("a", "b").errorEventAfter(1), Script.refusal(Refusal.SERVER_ERROR));
    assertThatThrownBy(() -> streamed(question("openai/m1").build()))
        .isInstanceOf(SseException.class);
  }

  @Test
  @DisplayName("stops the provider when it leaves")
  void leaves() {
    fake.script("m1", Script.text("a", "b").hangAfter(1));
    int aborted = fake.aborted();
    try (StreamResponse<ChatCompletionChunk> events =
        client.chat().completions().createStreaming(question("openai/m1").build())) {
      assertThat(events.stream().findFirst()).isPresent();
      await().until(() -> fake.openStreams() == 1); // the last one of before may be closing still
    }
    await().until(() -> fake.openStreams() == 0 && fake.aborted() > aborted);
  }
}
