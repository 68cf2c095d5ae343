//! Notifications to people, and their conversations with the assistant.

mod add_chat_message;
mod broadcast;
mod chat_analytics;
mod chat_history;
mod open_chat;
mod read_all_notifications;
mod read_notification;
mod send_notifications;
mod unread_count;

use super::{BACKEND, PEOPLE, rows, whose};
use crate::domain::{Described, described};

pub(super) fn operations() -> Vec<Described> {
    vec![
        described::<send_notifications::SendNotifications>(),
        described::<broadcast::Broadcast>(),
        described::<read_notification::ReadNotification>(),
        described::<read_all_notifications::ReadAllNotifications>(),
        described::<unread_count::UnreadCount>(),
        described::<open_chat::OpenChat>(),
        described::<add_chat_message::AddChatMessage>(),
        described::<chat_history::ChatHistory>(),
        described::<chat_analytics::ChatAnalytics>(),
    ]
}
