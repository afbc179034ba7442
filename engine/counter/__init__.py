"""What a counter keeps for itself: drafts, codes set aside, receipts written while the network was down."""
