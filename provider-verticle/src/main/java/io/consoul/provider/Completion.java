package io.consoul.provider;

import io.consoul.message.ChatMessage;
import io.consoul.message.Settings;
import java.util.List;

/**
 * What a provider is asked: answer this conversation, whose last message is the user's new one.
 *
 * @param promptTokens of system prompt and history together, or 0 where nobody has counted them
 */
public record Completion(
    String model, Settings settings, List<ChatMessage> history, long promptTokens) {}
